import { ByteWriter } from './byte-writer';
import { StorageUnavailable } from './errors';
import { OPERATION_HEADER_BYTES, type OrderedEngine } from './ordered-engine';

interface Change {
  key: string;
  before: Buffer | undefined;
  after: Buffer | undefined;
}

/** What was made in one turn: durable together or not at all. */
interface Group {
  changes: Change[];
  promise: Promise<void>;
  resolve: () => void;
  reject: (error: Error) => void;
}

const SETTLED = Promise.resolve();

/** An ordered engine in memory, whose durability a test decides. Keys are kept as Latin-1 strings, which compare like their bytes. */
export class MemoryEngine implements OrderedEngine {
  readonly writer = new ByteWriter(16 * 1024);
  lastSize = 0;
  private readonly values: Map<string, Buffer>;
  private readonly keys: string[];
  private readonly groups: Group[] = [];
  private open: Group | undefined;
  private failure: StorageUnavailable | undefined;

  /** @param durableAtOnce groups become durable at the end of their turn; else when `flush` is called */
  constructor(private readonly durableAtOnce: boolean, content: ReadonlyMap<string, Buffer> = new Map()) {
    this.values = new Map(content);
    this.keys = [...content.keys()].sort();
  }

  check(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  admit(): void {
    this.check();
  }

  begin(): number {
    this.check();
    this.writer.position = OPERATION_HEADER_BYTES;
    return 0;
  }

  put(operation: number, keyEnd: number): void {
    const { bytes, position } = this.writer;
    this.change(bytes.latin1Slice(operation + OPERATION_HEADER_BYTES, keyEnd), Buffer.from(bytes.subarray(keyEnd, position)));
  }

  remove(operation: number, keyEnd: number): void {
    this.change(this.writer.bytes.latin1Slice(operation + OPERATION_HEADER_BYTES, keyEnd), undefined);
  }

  abandon(): void {}

  private change(key: string, after: Buffer | undefined): void {
    const group = this.open ?? this.newGroup();
    const before = this.values.get(key);
    group.changes.push({ key, before, after });
    this.set(key, after);
  }

  private set(key: string, value: Buffer | undefined): void {
    const there = this.values.has(key);
    if (value === undefined) {
      if (!there) return;
      this.values.delete(key);
      this.keys.splice(this.indexOf(key), 1);
      return;
    }
    this.values.set(key, value);
    if (!there) this.keys.splice(this.indexOf(key), 0, key);
  }

  /** Index of the first key at or after `key`. */
  private indexOf(key: string): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private newGroup(): Group {
    const group = { changes: [] } as unknown as Group;
    group.promise = new Promise((resolve, reject) => {
      group.resolve = resolve;
      group.reject = reject;
    });
    group.promise.catch(() => {});
    this.groups.push(group);
    this.open = group;
    queueMicrotask(() => {
      if (this.open === group) this.open = undefined;
      if (this.durableAtOnce && this.failure === undefined) this.flush(this.groups.indexOf(group) + 1);
    });
    return group;
  }

  get(bytes: Buffer, start: number, end: number): Buffer | undefined {
    this.check();
    const value = this.values.get(bytes.latin1Slice(start, end));
    this.lastSize = value?.length ?? 0;
    return value;
  }

  range(from: Buffer, to: Buffer | undefined, reverse: boolean, visit: (key: Buffer, value: Buffer) => boolean): void {
    this.check();
    const low = this.indexOf(from.toString('latin1'));
    const high = to === undefined ? this.keys.length : this.indexOf(to.toString('latin1'));
    const step = (i: number): boolean => {
      const key = this.keys[i] as string;
      return visit(Buffer.from(key, 'latin1'), Buffer.from(this.values.get(key) as Buffer));
    };
    if (reverse) {
      for (let i = high - 1; i >= low; i--) if (!step(i)) return;
    } else {
      for (let i = low; i < high; i++) if (!step(i)) return;
    }
  }

  durable(): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return this.groups.at(-1)?.promise ?? SETTLED;
  }

  /** Groups that are not durable. */
  get waiting(): number {
    return this.groups.length;
  }

  /** Makes the oldest `count` groups durable. */
  flush(count = this.groups.length): void {
    for (const group of this.groups.splice(0, count)) {
      if (this.open === group) this.open = undefined;
      group.resolve();
    }
  }

  /**
   * Ends the engine. Answers what a new one begins with: what was durable, and of the rest the changes that `survives` keeps
   * (the newest kept change of a key counts).
   */
  crash(survives: (group: number, key: Buffer) => boolean = () => false): Map<string, Buffer> {
    const error = new StorageUnavailable('crashed by the test');
    this.failure = error;
    const content = new Map(this.values);
    for (const { changes } of [...this.groups].reverse()) {
      for (const { key, before } of [...changes].reverse()) {
        if (before === undefined) content.delete(key);
        else content.set(key, before);
      }
    }
    for (const [index, { changes, reject }] of this.groups.entries()) {
      for (const { key, after } of changes) {
        if (!survives(index, Buffer.from(key, 'latin1'))) continue;
        if (after === undefined) content.delete(key);
        else content.set(key, after);
      }
      reject(error);
    }
    this.groups.length = 0;
    return content;
  }

  /** From now on everything fails with that error, as on a full disk. What is not durable yet never becomes so. */
  fail(error: StorageUnavailable): void {
    this.failure = error;
    for (const { reject } of this.groups.splice(0)) reject(error);
  }
}
