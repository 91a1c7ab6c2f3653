import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { open as openLmdb } from 'lmdb';
import { ByteWriter } from './byte-writer';
import { Catalog } from './catalog';
import { processClock, type StorageClock } from './clock';
import { StorageUnavailable } from './errors';
import { type FolderLock, lockFolder } from './folder-lock';
import { GROUP_HEADER_BYTES, Journal } from './journal';
import { CHECKPOINT_INTERVAL_MS, CHECKPOINT_JOURNAL_BYTES, ENVIRONMENT_BYTES_MAX, JOURNAL_PENDING_BYTES_MAX } from './limits';
import { OPERATION_HEADER_BYTES, type OrderedEngine } from './ordered-engine';
import { prepareTree } from './tree-file';

/** Key of the number of the last journal group that the tree holds fully. */
const SEQUENCE_KEY = Buffer.from([0x04]);

interface KeySlice {
  bytes: Buffer;
  start: number;
  end: number;
}

/** A buffer that the store reads from `start` to `end` by address, so that a put makes no object. */
type ValueSlice = Buffer & { start?: number; end?: number };

/** What is used of an LMDB store (its own types don't know keys of another kind). */
interface Tree {
  put(key: KeySlice, value: Buffer): unknown;
  remove(key: KeySlice): unknown;
  getBinary(key: KeySlice): Buffer | undefined;
  /** Answers a buffer that the next call reuses; its length is in `lastSize`. */
  getBinaryFast(key: KeySlice): Buffer | undefined;
  readonly lastSize: number;
  getRange(options: { start: KeySlice; end: KeySlice; reverse?: boolean; exclusiveStart?: boolean; inclusiveEnd?: boolean }): Iterable<{ key: Buffer; value: Buffer }>;
  transactionSync<T>(work: () => T): T;
  sync(done: (error?: Error) => void): void;
  close(): Promise<void>;
}

class Group {
  readonly promise: Promise<void>;
  resolve!: () => void;
  reject!: (error: Error) => void;

  constructor() {
    this.promise = new Promise((resolvePromise, rejectPromise) => {
      this.resolve = resolvePromise;
      this.reject = rejectPromise;
    });
    // Whoever awaits it sees the failure; a writer that does not look must not end the process without a word.
    this.promise.catch(() => {});
  }
}

/**
 * The embedded store's folder: an LMDB tree, and a journal in front of it (ADR 0005).
 *
 * An operation goes into the tree's open write transaction at once, so that every read sees it, and into the group that
 * gathers. A group is one write to the journal, flushed; what comes meanwhile gathers in the next. Every few seconds or
 * megabytes a *checkpoint* commits the transaction and flushes the tree off the event loop; then the journal up to the
 * checkpoint before is used anew. At start the groups that the tree lacks are applied again; they hold final keys and
 * values, so applying one twice is the same as once.
 *
 * After a kill the newest tree is sound, because the system kept what was written. After a restart of the machine the
 * newest tree may have reached the disk in parts, so the one before is taken; it was flushed before the newest was begun.
 */
export class Environment implements OrderedEngine {
  writer = new ByteWriter(256 * 1024);
  lastSize = 0;
  readonly catalog: Catalog;

  private spare = new ByteWriter(256 * 1024);
  private group: Group | undefined;
  private flushing: Group | undefined;
  private readonly slice: KeySlice = { bytes: Buffer.alloc(0), start: 0, end: 0 };
  private endTransaction: (() => void) | undefined;
  private failure: StorageUnavailable | undefined;
  private closed = false;
  private checkpointing: Promise<void> | undefined;
  /** Sequences that the last two checkpoints hold; the journal is kept from the older on. */
  private held: [previous: number, last: number];
  private readonly timer: { stop(): void };
  private readonly failureListeners: ((error: StorageUnavailable) => void)[] = [];

  private constructor(
    readonly folder: string,
    private readonly lock: FolderLock,
    private readonly db: Tree,
    private readonly journal: Journal,
    base: number,
    private sequence: number,
    clock: StorageClock,
  ) {
    // The tree before the one just committed is the one that was opened: a power cut before the next checkpoint goes back to it.
    this.held = [base, sequence];
    this.writer.position = GROUP_HEADER_BYTES;
    this.spare.position = GROUP_HEADER_BYTES;
    this.catalog = new Catalog(this);
    this.timer = clock.every(CHECKPOINT_INTERVAL_MS, () => this.checkpoint());
  }

  /** Throws StorageUnavailable, saying what to do, when the folder is in use, damaged or cannot be written. */
  static async open(folder: string, clock: StorageClock = processClock): Promise<Environment> {
    const lock = lockFolder(folder);
    try {
      const file = join(folder, 'data.mdb');
      if (existsSync(file)) prepareTree(file, lock.restarted);
      const db = openTree(folder);
      const stored = db.getBinary({ bytes: SEQUENCE_KEY, start: 0, end: 1 });
      const base = stored === undefined ? 0 : Number(stored.readBigUInt64BE(0));
      const { journal, last } = db.transactionSync(() => {
        const opened = Journal.open(folder, base, (body) => applyGroup(db, body));
        putSequence(db, opened.last);
        return opened;
      });
      await syncTree(db);
      journal.release(base);
      return new Environment(folder, lock, db, journal, base, last, clock);
    } catch (error) {
      lock.leave(true);
      if (error instanceof StorageUnavailable) throw error;
      throw describe(folder, error);
    }
  }

  /** Called once if the environment can't go on; the process should end then, and starts anew from what is durable. */
  onFailure(listener: (error: StorageUnavailable) => void): void {
    this.failureListeners.push(listener);
  }

  /** It can't go on. */
  get failed(): boolean {
    return this.failure !== undefined;
  }

  // ── operations ─────────────────────────────────────────────────────────────────────────────────────────────────────

  check(): void {
    if (this.failure !== undefined) throw this.failure;
    if (this.closed) throw new StorageUnavailable(`the store in ${this.folder} is closed`);
  }

  admit(): void {
    this.check();
    if (this.writer.position > JOURNAL_PENDING_BYTES_MAX) throw new StorageUnavailable(`${this.folder}: more than ${JOURNAL_PENDING_BYTES_MAX} bytes wait for the disk`);
  }

  begin(): number {
    this.check();
    if (this.endTransaction === undefined) this.beginTransaction();
    const { writer } = this;
    const operation = writer.position;
    writer.reserve(OPERATION_HEADER_BYTES);
    writer.position += OPERATION_HEADER_BYTES;
    return operation;
  }

  put(operation: number, keyEnd: number): void {
    const { writer, slice } = this;
    const value = writer.bytes as ValueSlice;
    const keyStart = operation + OPERATION_HEADER_BYTES;
    value.writeUInt16BE(keyEnd - keyStart, operation);
    value.writeUInt32BE(writer.position - keyEnd + 1, operation + 2);
    slice.bytes = value;
    slice.start = keyStart;
    slice.end = keyEnd;
    value.start = keyEnd;
    value.end = writer.position;
    try {
      this.db.put(slice, value);
    } catch (error) {
      throw this.fail(error);
    }
    this.gather();
  }

  remove(operation: number, keyEnd: number): void {
    const { writer, slice } = this;
    const keyStart = operation + OPERATION_HEADER_BYTES;
    writer.bytes.writeUInt16BE(keyEnd - keyStart, operation);
    writer.bytes.writeUInt32BE(0, operation + 2);
    writer.position = keyEnd;
    slice.bytes = writer.bytes;
    slice.start = keyStart;
    slice.end = keyEnd;
    try {
      this.db.remove(slice);
    } catch (error) {
      throw this.fail(error);
    }
    this.gather();
  }

  abandon(operation: number): void {
    this.writer.position = operation;
  }

  get(bytes: Buffer, start: number, end: number): Buffer | undefined {
    const { slice } = this;
    slice.bytes = bytes;
    slice.start = start;
    slice.end = end;
    try {
      const found = this.db.getBinaryFast(slice);
      this.lastSize = this.db.lastSize;
      return found;
    } catch (error) {
      throw this.fail(error);
    }
  }

  range(from: Buffer, to: Buffer | undefined, reverse: boolean, visit: (key: Buffer, value: Buffer) => boolean): void {
    if (to !== undefined && Buffer.compare(from, to) >= 0) return;
    const low = { bytes: from, start: 0, end: from.length };
    const highBytes = to ?? Buffer.from([0xff]);
    const high = { bytes: highBytes, start: 0, end: highBytes.length };
    const entries = reverse
      ? this.db.getRange({ start: high, end: low, reverse: true, exclusiveStart: true, inclusiveEnd: true })
      : this.db.getRange({ start: low, end: high });
    for (const { key, value } of entries) if (!visit(key, value)) return;
  }

  durable(): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return this.group?.promise ?? this.flushing?.promise ?? SETTLED;
  }

  // ── groups ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  private gather(): void {
    if (this.group !== undefined) return;
    this.group = new Group();
    if (this.flushing === undefined) setImmediate(this.flush);
  }

  private readonly flush = (): void => {
    if (this.group === undefined || this.flushing !== undefined || this.failure !== undefined) return;
    const { group, writer } = this;
    this.group = undefined;
    this.flushing = group;
    this.writer = this.spare;
    this.spare = writer;
    this.sequence += 1;
    this.journal.append(this.sequence, writer.bytes, writer.position, (error) => {
      if (error !== undefined) {
        this.fail(error);
        return;
      }
      writer.position = GROUP_HEADER_BYTES;
      this.flushing = undefined;
      group.resolve();
      if (this.group !== undefined) this.flush();
      if (this.journal.bytes > CHECKPOINT_JOURNAL_BYTES) void this.checkpoint();
    });
  };

  private fail(cause: unknown): StorageUnavailable {
    if (this.failure !== undefined) return this.failure;
    this.failure = describe(this.folder, cause);
    this.flushing?.reject(this.failure);
    this.group?.reject(this.failure);
    for (const listener of this.failureListeners) listener(this.failure);
    return this.failure;
  }

  // ── the tree ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private beginTransaction(): void {
    // The transaction stays open until `endTransaction` is called: the store commits when this thenable resolves.
    this.db.transactionSync(() => ({
      // oxlint-disable-next-line unicorn/no-thenable
      then: (commit: () => void) => {
        this.endTransaction = commit;
      },
    }));
  }

  /** Commits the tree and flushes it. Resolves when that is done; a failure is the environment's. */
  checkpoint(): Promise<void> {
    this.checkpointing ??= this.runCheckpoint().finally(() => {
      this.checkpointing = undefined;
    });
    return this.checkpointing;
  }

  private async runCheckpoint(): Promise<void> {
    if (this.endTransaction === undefined || this.failure !== undefined) return;
    const { sequence, endTransaction } = this;
    try {
      putSequence(this.db, sequence);
      this.endTransaction = undefined;
      endTransaction();
      await syncTree(this.db);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.held = [this.held[1], sequence];
    this.journal.release(this.held[0]);
  }

  /** Makes everything durable, and leaves the folder in order. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.timer.stop();
    while (this.failure === undefined && (this.group !== undefined || this.flushing !== undefined)) await (this.group ?? this.flushing as Group).promise.catch(() => {});
    this.closed = true;
    await this.checkpointing;
    await this.checkpoint();
    try {
      if (this.endTransaction !== undefined) this.endTransaction();
      await this.db.close();
    } catch (error) {
      this.fail(error);
    }
    this.journal.close();
    if (this.failure === undefined) this.lock.release();
    else this.lock.leave(false);
  }
}

const SETTLED = Promise.resolve();

function openTree(folder: string): Tree {
  return openLmdb({
    path: folder,
    noSubdir: false,
    encoding: 'binary',
    keyEncoder: {
      writeKey: (key: KeySlice, target: Buffer, position: number) => position + key.bytes.copy(target, position, key.start, key.end),
      readKey: (source: Buffer, start: number, end: number) => Buffer.from(source.subarray(start, end)),
    },
    mapSize: ENVIRONMENT_BYTES_MAX,
    maxDbs: 1,
    noSync: true,
    overlappingSync: false,
  } as unknown as Parameters<typeof openLmdb>[0]) as unknown as Tree;
}

function putSequence(db: Tree, sequence: number): void {
  const value = Buffer.alloc(8);
  value.writeBigUInt64BE(BigInt(sequence));
  db.put({ bytes: SEQUENCE_KEY, start: 0, end: 1 }, value);
}

function syncTree(db: Tree): Promise<void> {
  return new Promise((resolvePromise, rejectPromise) => {
    db.sync((error) => (error ? rejectPromise(error) : resolvePromise()));
  });
}

function applyGroup(db: Tree, body: Buffer): void {
  for (let at = 0; at < body.length;) {
    const keyStart = at + OPERATION_HEADER_BYTES;
    const keyEnd = keyStart + body.readUInt16BE(at);
    const size = body.readUInt32BE(at + 2);
    const key = { bytes: body, start: keyStart, end: keyEnd };
    at = keyEnd + Math.max(0, size - 1);
    if (size === 0) db.remove(key);
    else db.put(key, Buffer.from(body.subarray(keyEnd, at)));
  }
}

function describe(folder: string, cause: unknown): StorageUnavailable {
  const text = cause instanceof Error ? cause.message : String(cause);
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? '';
  if (code === 'ENOSPC' || code === 'EDQUOT' || /No space left|quota exceeded/i.test(text)) return new StorageUnavailable(`the disk of ${folder} is full: free some space and start again; nothing that was acknowledged is lost`, { cause });
  if (code === 'EACCES' || code === 'EPERM' || /Permission denied/i.test(text)) return new StorageUnavailable(`${folder} cannot be written: give it to the user that runs this process`, { cause });
  if (/MAP_FULL|mapsize/i.test(text)) return new StorageUnavailable(`the store in ${folder} has reached ${ENVIRONMENT_BYTES_MAX} bytes: move to the production engines`, { cause });
  if (/CORRUPT|INVALID|VERSION_MISMATCH|not an LMDB|PAGE_NOTFOUND/i.test(text)) return new StorageUnavailable(`the store in ${folder} is damaged (${text}): restore the folder from a backup, or move it away to start empty`, { cause });
  return new StorageUnavailable(`the store in ${folder} failed: ${text}; what was acknowledged is safe: start again`, { cause });
}

const opened = new Map<string, { environment: Promise<Environment>; users: number }>();

/** Opens the folder, or shares it with who has it open in this process; `release` closes it when nobody does any more. */
export async function shareEnvironment(folder: string, clock: StorageClock = processClock): Promise<{ environment: Environment; release: () => Promise<void> }> {
  const path = resolve(folder);
  let entry = opened.get(path);
  if (entry === undefined) {
    entry = { environment: Environment.open(path, clock), users: 0 };
    opened.set(path, entry);
  }
  const mine = entry;
  mine.users += 1;
  let released = false;
  const release = async (): Promise<void> => {
    if (released) return;
    released = true;
    mine.users -= 1;
    if (mine.users > 0) return;
    if (opened.get(path) === mine) opened.delete(path);
    await (await mine.environment).close();
  };
  try {
    return { environment: await mine.environment, release };
  } catch (error) {
    if (opened.get(path) === mine) opened.delete(path);
    throw error;
  }
}
