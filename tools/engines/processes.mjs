// Processes that are known by more than their number: started with a mark, ended by pid and start time, so that a number
// that the system gave to somebody else is never signalled.
import { spawn } from 'node:child_process';
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, readFileSync, readSync, readdirSync, renameSync, statSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';

/** Bytes of one log file. At the limit it is kept as `<log>.1`, in place of the one before, and starts anew. */
export const LOG_BYTES_MAX = 16 * 1024 * 1024;
/** Time between two looks at the sizes of logs. */
export const LOG_LOOK_MS = 5000;
/** Bytes from the end of a log that are read to show its last lines. */
export const TAIL_BYTES_MAX = 16 * 1024;
/** Time after which a process that was asked to end is killed. */
export const END_GRACE_MS = 20_000;
/** Environment variable that marks what was started for a folder: its value is that folder. */
export const MARK = 'HELIOGRAPH_STARTED_FOR';

const TICKS_PER_SECOND = 100;

/** Fields of /proc/<pid>/stat from the third on (the second, the name, may hold anything), or undefined. */
function statFields(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** When a process started, in ticks since the system did; undefined when there is none of that number, or only its remains (a zombie). */
export function startTime(pid) {
  const fields = statFields(pid);
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

/** Whether the process that is meant still runs. @param {{ pid: number, started: string }} identity */
export const isAlive = ({ pid, started }) => started !== undefined && startTime(pid) === started;

/** This process, as another one may look for it. */
export const ownIdentity = () => ({ pid: process.pid, started: startTime(process.pid) });

/** Sends a signal to the process that is meant. @returns {boolean} whether it was there */
export function signal({ pid, started }, name) {
  if (!isAlive({ pid, started })) return false;
  try {
    process.kill(pid, name);
    return true;
  } catch (error) {
    if (error.code === 'ESRCH') return false;
    throw error;
  }
}

/**
 * Ends processes: SIGTERM, and SIGKILL for those that are still there after the grace.
 * @param {{ pid: number, started: string }[]} identities
 * @param {{ graceMs?: number }} [options] 0: SIGKILL at once
 */
export async function endAll(identities, { graceMs = END_GRACE_MS } = {}) {
  for (const identity of identities) {
    if (graceMs > 0) {
      signal(identity, 'SIGTERM');
      // A stopped process takes no signal but SIGKILL until it goes on.
      signal(identity, 'SIGCONT');
    }
  }
  const deadline = performance.now() + graceMs;
  for (;;) {
    const left = identities.filter(isAlive);
    if (left.length === 0) return;
    if (performance.now() >= deadline) for (const identity of left) signal(identity, 'SIGKILL');
    await pause(20);
  }
}

/**
 * Processes that were started for a folder and still run, found by their mark: also those that nobody wrote down.
 * @param {string} folder absolute
 * @returns {{ pid: number, started: string, name: string }[]}
 */
export function markedFor(folder) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'latin1').split('\0');
      const mark = environment.find((entry) => entry.startsWith(`${MARK}=`));
      if (mark === undefined) return [];
      const marked = Buffer.from(mark, 'latin1').toString('utf8').slice(MARK.length + 1);
      const [what, of] = [marked.slice(0, marked.indexOf(' ')), marked.slice(marked.indexOf(' ') + 1)];
      const pid = Number(name);
      const started = startTime(pid);
      return of !== folder || started === undefined || pid === process.pid ? [] : [{ pid, started, name: what }];
    } catch {
      // It ended, or it is somebody else's.
      return [];
    }
  });
}

/**
 * Starts a process in a group of its own (a Ctrl-C at the terminal does not reach it), its output appended to a log.
 * @param {object} options
 * @param {string} options.name for people
 * @param {string} options.folder what it is started for: see markedFor
 * @param {string} options.command
 * @param {string[]} options.args
 * @param {Record<string, string | undefined>} [options.env] the whole environment beside the mark
 * @param {string} [options.cwd]
 * @param {string} options.log a file
 * @param {boolean} [options.tied] it is killed when this process ends, however that happens
 * @param {boolean} [options.locksNoMemory] it may not pin its memory, even as root
 * @returns {Launched}
 *
 * @typedef {object} Launched
 * @property {string} name
 * @property {number} pid
 * @property {string} started
 * @property {string} log
 * @property {Promise<string>} ended how it ended, in words: `exit code 1`, `signal SIGKILL`
 * @property {string | undefined} how the same once it has ended
 */
export function launch({ name, folder, command, args, env = process.env, cwd, log, tied = true, locksNoMemory = false }) {
  const prefix = [];
  if (locksNoMemory && process.getuid() === 0) prefix.push('prlimit', '--memlock=0:0', 'setpriv', '--bounding-set', '-ipc_lock', '--inh-caps', '-ipc_lock');
  if (tied) prefix.push(...(prefix.includes('setpriv') ? [] : ['setpriv']), '--pdeathsig', 'KILL');
  const [program, ...rest] = [...prefix, command, ...args];
  mkdirSync(dirname(log), { recursive: true });
  boundLog(log);
  const output = openSync(log, 'a');
  const child = spawn(program, rest, { cwd, env: { ...env, [MARK]: `${name} ${folder}` }, stdio: ['ignore', output, output], detached: true });
  closeSync(output);
  const launched = { name, pid: child.pid, started: child.pid === undefined ? undefined : startTime(child.pid), log, how: undefined, ended: undefined };
  launched.ended = new Promise((done) => {
    child.once('error', (error) => done(`cannot be started: ${error.message}`));
    child.once('exit', (code, by) => done(by === null ? `exit code ${code}` : `signal ${by}`));
  }).then((how) => (launched.how = how));
  if (!tied) child.unref();
  return launched;
}

/** Keeps a log within its bound: the whole is copied aside and the file, which its writer has open for appending, emptied. */
export function boundLog(log, bytesMax = LOG_BYTES_MAX) {
  if (!existsSync(log) || statSync(log).size <= bytesMax) return;
  copyFileSync(log, `${log}.1.tmp`);
  renameSync(`${log}.1.tmp`, `${log}.1`);
  truncateSync(log);
}

/** The last lines of a log. */
export function tail(log, lines = 12) {
  if (!existsSync(log)) return '';
  const size = statSync(log).size;
  const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES_MAX));
  const file = openSync(log, 'r');
  readSync(file, buffer, 0, buffer.length, size - buffer.length);
  closeSync(file);
  return buffer.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
}

/**
 * What a process uses.
 * @returns {{ rssBytes: number, pssBytes: number, cpuSeconds: number }} resident memory; its share of it where pages are shared; user and system time since its start. Zeros when it is gone.
 */
export function usage(pid) {
  const fields = statFields(pid);
  const kib = (file, key) => {
    try {
      return 1024 * Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))?.[1] ?? 0);
    } catch {
      return 0;
    }
  };
  return { rssBytes: kib('status', 'VmRSS'), pssBytes: kib('smaps_rollup', 'Pss'), cpuSeconds: fields === undefined ? 0 : (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND };
}

/** A table of what processes use, with its sum. @param {{ name: string, pid: number }[]} processes */
export function usageTable(processes) {
  const rows = processes.map(({ name, pid }) => ({ name, pid, ...usage(pid) }));
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  const width = Math.max(5, ...rows.map(({ name }) => name.length));
  const line = (name, pid, { rssBytes, pssBytes, cpuSeconds }) => `${name.padEnd(width)}  ${String(pid).padStart(8)}  ${(rssBytes / 2 ** 20).toFixed(0).padStart(7)}  ${(pssBytes / 2 ** 20).toFixed(0).padStart(7)}  ${cpuSeconds.toFixed(1).padStart(7)}`;
  return [
    `${'name'.padEnd(width)}  ${'pid'.padStart(8)}  ${'rss MB'.padStart(7)}  ${'pss MB'.padStart(7)}  ${'cpu s'.padStart(7)}`,
    ...rows.map((row) => line(row.name, row.pid, row)),
    line('total', '', { rssBytes: sum('rssBytes'), pssBytes: sum('pssBytes'), cpuSeconds: sum('cpuSeconds') }),
  ].join('\n');
}

/** Waits. */
export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
