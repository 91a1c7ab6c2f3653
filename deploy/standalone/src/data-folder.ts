import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, writeSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { StartFailure } from '@heliograph/service-kit/start-failure';

/** Layout and encodings of the data folder. Raised by a change that an older program could not read. */
export const DATA_FORMAT = 1;
const STAMP = 'heliograph.json';
const LOCK = 'lock';
/** Unix socket addresses are this long at the most on every system. */
const SOCKET_PATH_BYTES_MAX = 100;

export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  /** `<data>/directory`: what all DCs of the process share. Exists. */
  readonly directory: string;
  /** `<data>/dc<k>`. Exists. */
  dc(id: number): string;
  /** Gives the folder up; another process may open it then. */
  release(): Promise<void>;
}

/**
 * Opens a data folder for this process alone, making it when there is none.
 * Throws a StartFailure: another process uses it, a newer program wrote it, it is damaged, not ours, or not writable.
 */
export async function openDataFolder(folder: string, dcs: readonly number[]): Promise<DataFolder> {
  const asked = resolve(folder);
  const path = attempt(asked, () => {
    makeFolder(asked);
    return realpathSync(asked);
  });
  checkStamp(path);
  const release = await lock(path);
  try {
    return attempt(path, () => {
      const directory = join(path, 'directory');
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      for (const id of dcs) mkdirSync(join(path, `dc${id}`), { recursive: true, mode: 0o700 });
      if (!existsSync(join(path, STAMP))) writeStamp(path);
      return { path, directory, dc: (id) => join(path, `dc${id}`), release };
    });
  } catch (error) {
    await release();
    throw error;
  }
}

/** NOTE: not by `recursive`: with it, Node tries for ever where a file system knows no folders to make (/proc). */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

function checkStamp(path: string): void {
  const stamp = join(path, STAMP);
  if (!existsSync(stamp)) {
    const other = attempt(path, () => readdirSync(path)).filter((name) => name !== LOCK && name !== `${STAMP}.new` && name !== 'directory' && !/^dc\d$/.test(name));
    if (other.length > 0) throw new StartFailure(`${path} holds other files (${other.slice(0, 3).join(', ')}) and no Heliograph data. Name an empty or new folder with --data.`);
    return;
  }
  let format: unknown;
  try {
    ({ format } = JSON.parse(attempt(path, () => readFileSync(stamp, 'utf8'))) as { format?: unknown });
  } catch (error) {
    if (error instanceof StartFailure) throw error;
    format = undefined;
  }
  if (typeof format !== 'number' || !Number.isSafeInteger(format) || format < 1) throw damagedFolder(path, `${STAMP} is not readable`);
  if (format > DATA_FORMAT) throw new StartFailure(`${path} was written by a newer Heliograph (data format ${format}; this one knows up to ${DATA_FORMAT}). Start that version, or name another folder with --data.`);
}

/** Durable before anything else is written: a folder with data has its stamp. */
function writeStamp(path: string): void {
  const file = openSync(join(path, `${STAMP}.new`), 'w', 0o600);
  writeSync(file, `${JSON.stringify({ format: DATA_FORMAT })}\n`);
  fsyncSync(file);
  closeSync(file);
  renameSync(join(path, `${STAMP}.new`), join(path, STAMP));
}

/** The sentence for data that cannot be opened. */
export function damagedFolder(path: string, reason: string, cause?: unknown): StartFailure {
  return new StartFailure(`The data in ${path} is damaged (${reason}). Put back a copy of the whole folder, or move it away to start with an empty one; nothing in it was changed.`, { cause });
}

/**
 * Holds a unix socket for as long as the process lives: the system lets go of it when the process dies, however it dies,
 * so there is no stale lock to judge by process ids.
 */
async function lock(path: string): Promise<() => Promise<void>> {
  const inFolder = join(path, LOCK);
  const address = process.platform === 'win32' ? `\\\\.\\pipe\\heliograph-${nameOf(path)}`
    : Buffer.byteLength(inFolder) <= SOCKET_PATH_BYTES_MAX ? inFolder
    : join(tmpdir(), `heliograph-${nameOf(path)}.lock`);
  for (let attempts = 0; attempts < 3; attempts += 1) {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(`${process.pid}\n`);
    });
    const failed = await new Promise<NodeJS.ErrnoException | undefined>((done) => {
      server.once('error', done);
      server.listen(address, () => done(undefined));
    });
    if (failed === undefined) {
      server.unref();
      server.on('error', () => {});
      return () => new Promise((done) => server.close(() => done()));
    }
    if (failed.code !== 'EADDRINUSE') throw new StartFailure(`${path} cannot be locked (${failed.code ?? failed.message}). Name a folder on a local disk that this user may write with --data.`, { cause: failed });
    const owner = await ownerOf(address);
    if (owner !== undefined) throw new StartFailure(`Another Heliograph (process ${owner}) uses ${path}. Stop it, or name another folder with --data.`);
    rmSync(address, { force: true });
  }
  throw new StartFailure(`Another Heliograph is starting on ${path}. Stop it, or name another folder with --data.`);
}

/** Process id of who listens there; undefined when nobody does. */
function ownerOf(address: string): Promise<string | undefined> {
  return new Promise((done) => {
    const socket = connect(address);
    let said = '';
    socket.setTimeout(1_000, () => socket.destroy(new Error('silent')));
    socket.on('data', (chunk) => {
      said += chunk.toString('latin1');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => done(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? undefined : 'unknown'));
    socket.on('end', () => done(said.trim() === '' ? 'unknown' : said.trim()));
  });
}

function nameOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 24);
}

/** File system errors as sentences. */
function attempt<T>(path: string, task: () => T): T {
  try {
    return task();
  } catch (error) {
    if (error instanceof StartFailure) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      EACCES: 'this user may not write there',
      EPERM: 'this user may not write there',
      EROFS: 'that disk is read-only',
      ENOSPC: 'that disk is full',
      ENOTDIR: 'a part of that path is a file',
      ENOENT: 'a folder cannot be made there',
      EEXIST: 'there is a file of that name',
    };
    throw new StartFailure(`${path} cannot be the data folder: ${reasons[code ?? ''] ?? message}. Name another with --data.`, { cause: error });
  }
}
