// The cache of what is fetched: a folder outside the repository, one folder a thing, complete or absent.
// Several processes may want the same thing at once: one makes it, the others wait for it.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Time between two lines about a fetch that has nothing else to tell. */
const TELL_MS = 15_000;

/** Where fetched things are kept: $HELIOGRAPH_CACHE, or ~/.cache/heliograph. */
export function cacheFolder(environment = process.env) {
  return environment.HELIOGRAPH_CACHE || join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'heliograph');
}

/**
 * Runs `task` while no other process holds the lock of this path. The kernel keeps the lock and frees it when its holder
 * dies, so that a killed fetch leaves nothing that somebody must remove.
 * @template T
 * @param {string} path a file that is made for the lock and stays
 * @param {() => Promise<T>} task
 * @param {{ onWait?: () => void }} [options] onWait: called when another process holds the lock
 * @returns {Promise<T>}
 */
export async function withLock(path, task, { onWait = () => {} } = {}) {
  mkdirSync(dirname(path), { recursive: true });
  // `cat` ends when this process does, however it ends: its standard input closes.
  const holder = spawn('flock', ['--exclusive', path, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = setTimeout(onWait, 500);
  try {
    await new Promise((held, failed) => {
      holder.once('error', (error) => failed(new Error(`cannot run flock (of util-linux): ${error.message}`)));
      holder.once('exit', (code) => failed(new Error(`flock ${path} ended with ${code}`)));
      holder.stdout.once('data', held);
    });
    clearTimeout(waiting);
    return await task();
  } finally {
    clearTimeout(waiting);
    holder.stdin.end();
  }
}

/**
 * The folder of a fetched thing, made by `make` if it is not there. It is complete or absent: `make` fills a folder beside it, which
 * gets its name when all is in it. What a killed `make` left in that folder is there for the next one to go on from.
 * @param {{ cache: string, name: string, make: (folder: string) => Promise<void>, isGood?: (folder: string) => boolean, log: (line: string) => void }} options
 *   isGood: looked at when the folder is there already; false makes it anew
 * @returns {Promise<string>} the folder
 */
export async function cached({ cache, name, make, isGood = () => true, log }) {
  const folder = join(cache, name);
  const stands = () => existsSync(folder) && isGood(folder);
  if (stands()) return folder;
  return withLock(join(cache, 'locks', name), async () => {
    if (stands()) return folder;
    rmSync(folder, { recursive: true, force: true });
    const partial = `${folder}.partial`;
    mkdirSync(partial, { recursive: true });
    const started = performance.now();
    const seconds = () => ((performance.now() - started) / 1000).toFixed(0);
    log(`${name}: fetching …`);
    const ticking = setInterval(() => log(`${name}: still at it after ${seconds()} s`), TELL_MS);
    try {
      await make(partial);
    } finally {
      clearInterval(ticking);
    }
    renameSync(partial, folder);
    if (!isGood(folder)) throw new Error(`${name} was fetched, but what came does not work here: look into ${folder}`);
    log(`${name}: fetched in ${seconds()} s`);
    return folder;
  }, { onWait: () => log(`${name}: another process is fetching it; waiting …`) });
}

/** SHA-256 of a file, in hexadecimal. */
export async function sha256(path) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

/** Reads pins as `sha256sum` writes them: `<hash>  <name>` a line. @returns {Map<string, string>} name → hash */
export function readPins(path) {
  return new Map(readFileSync(path, 'utf8').split('\n').filter(Boolean).map((line) => {
    const match = /^([0-9a-f]{64}) [ *](\S.*)$/.exec(line);
    if (match === null) throw new Error(`${path}: not a line of sha256sum: ${line}`);
    return [match[2], match[1]];
  }));
}

/**
 * Compares files with their pins: each pinned one must be there, no other one may be, and each must have its hash.
 * @param {string} folder
 * @param {string[]} names what is in it
 * @param {Map<string, string>} pins
 * @throws an error that names every difference
 */
export async function checkPins(folder, names, pins) {
  const wrong = [...pins.keys()].filter((name) => !names.includes(name)).map((name) => `${name} is missing`);
  for (const name of names) {
    const pin = pins.get(name);
    if (pin === undefined) wrong.push(`${name} is not pinned`);
    else if (await sha256(join(folder, name)) !== pin) wrong.push(`${name} has another checksum`);
  }
  if (wrong.length > 0) throw new Error(`what was fetched into ${folder} is not what is pinned:\n  ${wrong.join('\n  ')}`);
}

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, onLine?: (line: string) => void, absent?: string }} [options]
 *   env: added to this process's; absent: what to say when there is no such program
 * @returns {Promise<string>} its standard output
 * @throws an error with the end of what it said
 */
export function run(command, args, { cwd, env = {}, onLine = () => {}, absent = '' } = {}) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let tail = '';
    let rest = '';
    const take = (chunk) => {
      tail = (tail + chunk).slice(-4000);
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      lines.forEach(onLine);
    };
    child.stdout.setEncoding('utf8').on('data', (chunk) => { stdout += chunk; take(chunk); });
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', (error) => failed(new Error(`cannot run ${command}: ${error.message}${absent && `\n${absent}`}`)));
    child.on('close', (code, signal) => (code === 0 ? done(stdout) : failed(new Error(`${command} ${args.slice(0, 4).join(' ')} ended with ${code ?? signal}\n${tail.trim()}`))));
  });
}

/** Writes a file so that a reader sees the old or the new content, never a part. */
export function writeWhole(path, content, mode = 0o644) {
  const beside = `${path}.${process.pid}.tmp`;
  writeFileSync(beside, content, { mode });
  renameSync(beside, path);
}
