import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, isFree } from './free-port';
import { tempFolder } from './temp-folder';

const MAIN = join(__dirname, '..', '..', '..', 'deploy', 'standalone', 'dist', 'main.js');
/** As `npm start` runs it: a small young generation, for its growth would count as memory of connections (docs/adr/0006-young-generation.md). */
const NODE_OPTIONS = ['--enable-source-maps', '--min-semi-space-size=8', '--max-semi-space-size=8'];
const OUTPUT_CHARACTERS_MAX = 200_000;

export interface StandaloneOptions {
  /** More options of `npm start`: `['--dcs', '2', '--grpc']`. Data folder and ports are chosen here. */
  flags?: readonly string[];
  /** Added to this process's environment; read again at each start. */
  env?: Record<string, string>;
  /** Program of another checkout, for tests of upgrades; read again at each start. Default: this one's. */
  main?: string;
  /** Default: a fresh folder, removed by `stop`. A given one stays. */
  folder?: string;
  /** Given ports instead of free ones. */
  port?: number;
  httpPort?: number;
  /** Default 60,000. */
  readyTimeoutMs?: number;
}

/** What /connect.json holds. */
export interface ConnectJson {
  dcs: { id: number; host: string; port: number; websocket: string; publicKey: string; fingerprint: string }[];
  layers: number[];
  testPhones: boolean;
  outbox: string;
  botApi: string;
}

export interface RunningStandalone {
  /** URL of connect.json. */
  readonly url: string;
  readonly httpPort: number;
  readonly folder: string;
  /** Process id of the running process. */
  readonly pid: number;
  /** From the start of the process to its `ready` line. */
  readonly readyMs: number;
  /** Everything it printed, all starts together, bounded. */
  output(): string;
  connect(): Promise<ConnectJson>;
  /** Resident memory in bytes; 0 where the system does not tell. */
  memoryBytes(): number;
  /** SIGTERM; resolves with exit code and time when it has ended, and removes the temporary folder. */
  stop(): Promise<{ code: number | null; tookMs: number }>;
  /** Resolves with the exit code when the running process ends, however it does. */
  ended(): Promise<number | null>;
  /** SIGTERM, as `stop`, but the folder stays for `restart`. */
  end(): Promise<{ code: number | null; tookMs: number }>;
  /** SIGKILL, now. Resolves when it is gone; the folder stays for `restart`. */
  kill(): Promise<void>;
  /** Starts again on the same ports and folder, after `kill` or after the process ended by itself. */
  restart(): Promise<void>;
}

/** Starts the built standalone in a process of its own on free ports and a temporary data folder, and waits until it is ready. Fails with what it printed. */
export async function startStandalone(options: StandaloneOptions = {}): Promise<RunningStandalone> {
  const dcs = dcCount(options.flags ?? []);
  const ports = await portsFor(dcs, options);
  const temporary = options.folder === undefined ? tempFolder('standalone') : undefined;
  const folder = options.folder ?? join((temporary as { path: string }).path, 'data');
  const args = ['--data', folder, '--port', String(ports.port), '--http-port', String(ports.httpPort), ...(options.flags ?? [])];
  let printed = '';
  let child: ChildProcess;
  let url = '';
  let readyMs = 0;
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.on('exit', killAtExit);

  const start = async (): Promise<void> => {
    const started = performance.now();
    child = spawn(process.execPath, [...NODE_OPTIONS, options.main ?? MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env } });
    const mine = child;
    let stdout = '';
    const keep = (chunk: Buffer): string => {
      const text = chunk.toString();
      printed = (printed + text).slice(-OUTPUT_CHARACTERS_MAX);
      return text;
    };
    mine.stderr?.on('data', keep);
    await new Promise<void>((resolve, reject) => {
      const timeoutMs = options.readyTimeoutMs ?? 60_000;
      const timer = setTimeout(() => {
        mine.kill('SIGKILL');
        reject(new Error(`not ready within ${timeoutMs} ms:\n${printed}`));
      }, timeoutMs);
      mine.stdout?.on('data', (chunk: Buffer) => {
        stdout = (stdout + keep(chunk)).slice(-OUTPUT_CHARACTERS_MAX);
        const ready = /^ready (\S+)$/m.exec(stdout);
        if (ready === null) return;
        url = ready[1] as string;
        readyMs = performance.now() - started;
        clearTimeout(timer);
        resolve();
      });
      mine.once('error', reject);
      mine.once('close', (code, signal) => {
        clearTimeout(timer);
        reject(new Error(`ended with ${code ?? signal} before it was ready:\n${printed}`));
      });
    });
  };
  const gone = (): Promise<number | null> => {
    const mine = child;
    if (mine.exitCode !== null || mine.signalCode !== null) return Promise.resolve(mine.exitCode);
    return new Promise((resolve) => mine.once('exit', (code) => resolve(code)));
  };

  const end = async (): Promise<{ code: number | null; tookMs: number }> => {
    const began = performance.now();
    const ended = gone();
    child.kill('SIGTERM');
    return { code: await ended, tookMs: performance.now() - began };
  };

  try {
    await start();
  } catch (error) {
    process.off('exit', killAtExit);
    temporary?.remove();
    throw error;
  }
  return {
    get url() { return url; },
    get pid() { return child.pid ?? 0; },
    get readyMs() { return readyMs; },
    httpPort: ports.httpPort,
    folder,
    output: () => printed,
    connect: async () => (await (await fetch(url)).json()) as ConnectJson,
    memoryBytes: () => residentBytes(child.pid ?? 0),
    stop: async () => {
      const ended = await end();
      process.off('exit', killAtExit);
      temporary?.remove();
      return ended;
    },
    ended: gone,
    end,
    kill: async () => {
      const ended = gone();
      child.kill('SIGKILL');
      await ended;
    },
    restart: async () => {
      await gone();
      await start();
    },
  };
}

function dcCount(flags: readonly string[]): number {
  const at = flags.findIndex((flag) => flag === '--dcs' || flag.startsWith('--dcs='));
  if (at < 0) return 1;
  const flag = flags[at] as string;
  return Number(flag.includes('=') ? flag.slice(6) : flags[at + 1]) || 1;
}

/** DC k of several listens on port + k, so those must be free together. */
async function portsFor(dcs: number, options: StandaloneOptions): Promise<{ port: number; httpPort: number }> {
  for (;;) {
    const [first, http] = await freePorts(2) as [number, number];
    const httpPort = options.httpPort ?? http;
    if (dcs === 1 || options.port !== undefined) return { port: options.port ?? first, httpPort };
    const others = Array.from({ length: dcs - 1 }, (_, index) => first + index + 1);
    if (!others.includes(httpPort) && (await Promise.all(others.map(isFree))).every(Boolean)) return { port: first - 1, httpPort };
  }
}

function residentBytes(pid: number): number {
  try {
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match === null ? 0 : Number(match[1]) * 1024;
  } catch {
    return 0;
  }
}
