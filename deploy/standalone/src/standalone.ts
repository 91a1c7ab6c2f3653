import { createServer } from 'node:net';
import { openEmbeddedPorts } from '@heliograph/service-kit/embedded-ports';
import { Endpoints } from '@heliograph/service-kit/endpoints';
import type { ConnectFacts, DataCenter, ServiceDefinition } from '@heliograph/service-kit/kit';
import { LocalNetwork } from '@heliograph/service-kit/local-network';
import { logLevelOf } from '@heliograph/service-kit/log-level';
import type { Network } from '@heliograph/service-kit/network';
import { processLog, type ProcessLog } from '@heliograph/service-kit/process-log';
import { endOnSignal, reportDefects, runServices, type RunningProcess } from '@heliograph/service-kit/run-process';
import type { HostedDc } from '@heliograph/service-kit/service-host';
import { listenFailure, StartFailure } from '@heliograph/service-kit/start-failure';
import { systemClock } from '@heliograph/service-kit/system-clock';
import { startTelemetry, type ProcessTelemetry } from '@heliograph/service-kit/telemetry';
import { connectDocument, connectEndpoint } from './connect-document';
import { damagedFolder, type DataFolder, openDataFolder } from './data-folder';
import { authority, dataCenters, helpText, type Options, parseOptions, reachable } from './options';

export interface Standalone {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts every service of every DC asked for in this process; resolves when all can take calls. */
export async function startStandalone(options: Options, env: NodeJS.ProcessEnv, services: () => Promise<ServiceDefinition[]>): Promise<Standalone & { log: ProcessLog }> {
  const dcs = dataCenters(options);
  const flagOf = (port: number): string => (port === options.httpPort ? '--http-port' : '--port');
  await checkPorts(options.host, [...dcs.map((dc) => dc.port), options.httpPort], flagOf);
  const folder = await openDataFolder(options.data, dcs.map((dc) => dc.id));
  const undo: (() => Promise<unknown>)[] = [() => folder.release()];
  try {
    const telemetry = await startTelemetry(env, dcs.map((dc) => dc.id).join(','));
    undo.push(() => telemetry.shutdown());
    const log = processLog({ level: logLevelOf(env, 'warn'), format: env['HELIOGRAPH_LOG_FORMAT'] === 'json' ? 'json' : 'lines', activeTraceparent: telemetry.enabled ? () => telemetry.activeTraceparent() : undefined, forward: telemetry.forwardLog });
    const hosted = await openDcs(dcs, folder, undo, (error) => endOnStoreFailure(error, log));
    const network = await openNetwork(options.grpc, log, telemetry);
    const endpoints = new Endpoints();
    const http = { host: reachable(options.host), port: options.httpPort };
    let running: RunningProcess | undefined = undefined;
    const source = () => ({ dcs, announced: (running as RunningProcess | undefined)?.announced ?? new Map<number, ConnectFacts>(), http, testPhones: !options.noTestPhones });
    endpoints.add({ method: 'GET', path: '/connect.json', dc: 0, service: 'standalone', handler: connectEndpoint(source) });
    const definitions = await services();
    // From here on, the process closes what it was given.
    undo.length = 0;
    const started = running = await runServices({
      services: definitions,
      dcs: hosted,
      allDcs: dcs,
      network,
      endpoints,
      clock: systemClock(() => log.of('process')),
      log,
      telemetry,
      settings: {
        HOST: options.host,
        HTTP_HOST: http.host,
        HTTP_PORT: String(http.port),
        TEST_PHONES: options.noTestPhones ? '0' : '1',
        NO_TEST_PHONES: options.noTestPhones ? '1' : '0',
        DIRECTORY: folder.directory,
      },
      env,
      http: { host: options.host, port: options.httpPort },
      flagOf,
      release: () => folder.release(),
    });
    // Proves the document before anybody is told of it.
    connectDocument(source());
    return { url: `http://${authority(http.host, http.port)}/connect.json`, stop: () => started.stop(), log };
  } catch (error) {
    for (const task of undo.reverse()) await task().catch(() => {});
    throw error;
  }
}

/** A busy port is told before anything is opened or made. */
async function checkPorts(host: string, ports: readonly number[], flagOf: (port: number) => string): Promise<void> {
  for (const port of ports) {
    await new Promise<void>((resolve, reject) => {
      const probe = createServer();
      probe.once('error', (error) => reject(listenFailure(error, flagOf) ?? error));
      probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve()));
    });
  }
}

/** What was acknowledged is durable; what the process holds besides is not, and it must not go on answering from it. */
function endOnStoreFailure(error: Error, log: ProcessLog): void {
  log.of('standalone').error({ err: error }, 'the store failed; ending');
  log.flush();
  console.error(`heliograph: ${error.message}`);
  process.exit(1);
}

async function openDcs(dcs: readonly DataCenter[], folder: DataFolder, undo: (() => Promise<unknown>)[], onFailure: (error: Error) => void): Promise<HostedDc[]> {
  const hosted: HostedDc[] = [];
  for (const dc of dcs) {
    const path = folder.dc(dc.id);
    try {
      const ports = await openEmbeddedPorts({ folder: path, directory: folder.directory, onFailure });
      undo.push(() => ports.storage.close(), () => ports.blob.close(), () => ports.ephemeral.close(), () => ports.eventLog.close());
      hosted.push({ dc, ports, settings: { DATA: path, PORT: String(dc.port) } });
    } catch (error) {
      throw damagedFolder(path, error instanceof Error ? error.message : String(error), error);
    }
  }
  return hosted;
}

async function openNetwork(grpc: boolean, log: ProcessLog, telemetry: ProcessTelemetry): Promise<Network> {
  if (!grpc) return new LocalNetwork({ log: log.of, record: telemetry.record });
  const [{ GrpcNetwork }, { loopbackDirectory }] = await Promise.all([import('@heliograph/service-kit/grpc-network'), import('@heliograph/service-kit/grpc-directory')]);
  return new GrpcNetwork({ log: log.of, record: telemetry.record, directory: loopbackDirectory() });
}

/** The command line of `npm start`: runs until a signal. Its last line on stdout is `ready <url of connect.json>`. */
export async function runStandalone(args: readonly string[], env: NodeJS.ProcessEnv, services: () => Promise<ServiceDefinition[]>): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(helpText());
    return;
  }
  // A signal during the start ends it: nothing is acknowledged yet.
  const interrupted = (): never => process.exit(0);
  process.once('SIGTERM', interrupted).once('SIGINT', interrupted);
  const progress = setTimeout(() => console.error('heliograph: starting …'), 1_000);
  try {
    const { url, stop, log } = await startStandalone(parseOptions(args, env), env, services);
    process.off('SIGTERM', interrupted).off('SIGINT', interrupted);
    endOnSignal(stop, log);
    reportDefects(log);
    console.log(`ready ${url}`);
  } catch (error) {
    console.error(`heliograph: ${error instanceof StartFailure ? error.message : startDefect(error, env)}`);
    process.exit(1);
  } finally {
    clearTimeout(progress);
  }
}

function startDefect(error: unknown, env: NodeJS.ProcessEnv): string {
  if (!(error instanceof Error)) return String(error);
  if (env['HELIOGRAPH_LOG_LEVEL'] === 'debug') return `${error.stack ?? error.message}${error.cause instanceof Error ? `\n${error.cause.stack ?? error.cause.message}` : ''}`;
  return `${error.message}. HELIOGRAPH_LOG_LEVEL=debug shows more.`;
}
