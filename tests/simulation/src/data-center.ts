import { boxProgress } from '@heliograph/message-store/tables/box-progress';
import type { LogRecord, RecordBatch, Topic, AppendRecord } from '@heliograph/event-log/event-log';
import type { WriteOperation } from '@heliograph/storage/storage';
import type { Random } from './random';
import type { Scheduler } from './scheduler';
import { VersionedStore } from './versioned-store';

/**
 * How the stores of a data center fail.
 * `embedded`: log and tables share one commit order; a crash takes the newest writes of both, to one point. Writes are seen before
 *   they are durable.
 * `separate`: a log and a database of their own that survive the process; every request may be late, repeated, lost, or done and
 *   answered with an error.
 */
export type StoreKind = 'embedded' | 'separate';

interface LogPartition {
  records: LogRecord[];
  /** How many of them are durable. */
  durable: number;
  /** Of the first record held. */
  first: number;
}

interface Commit {
  apply(store: VersionedStore): void;
  /** Log records become durable up to this length. */
  log?: { partition: LogPartition; length: number };
  done: (() => void)[];
}

/** What a data center keeps: its tables and its log, and for `embedded` which of it would survive a crash. */
export class DataCenter {
  /** As readers see it. */
  store = new VersionedStore();
  /** As it would be after a crash (embedded). */
  private durableStore = new VersionedStore();
  private commits: Commit[] = [];
  private topics = new Map<string, LogPartition[]>();
  readonly positions = new Map<string, bigint>();
  private durablePositions = new Map<string, bigint>();
  epoch = 1;
  /** Durable records ever appended. */
  appended = 0;
  /** Called with every record that enters a topic. */
  readonly listeners: ((topic: Topic, partition: number, record: LogRecord) => void)[] = [];

  constructor(readonly id: number, readonly kind: StoreKind, readonly scheduler: Scheduler, readonly random: Random) {}

  partition(topic: Topic, index: number): LogPartition {
    let partitions = this.topics.get(topic.name);
    if (partitions === undefined) {
      partitions = Array.from({ length: topic.partitions }, () => ({ records: [], durable: 0, first: 0 }));
      this.topics.set(topic.name, partitions);
    }
    return partitions[index] as LogPartition;
  }

  /** Puts records at the end; where the log is separate they are durable by that. */
  append(topic: Topic, index: number, records: readonly AppendRecord[]): bigint {
    const partition = this.partition(topic, index);
    const first = BigInt(partition.records.length);
    if (topic.durability === 'durable') this.appended += records.length;
    for (const { key, value, headers } of records) {
      const record = { offset: BigInt(partition.records.length), key, value, headers };
      partition.records.push(record);
      for (const listener of this.listeners) listener(topic, index, record);
    }
    if (this.kind === 'separate') partition.durable = partition.records.length;
    return first;
  }

  // ── embedded: one commit order ────────────────────────────────────────────────────────────────────────────────────────

  /** Writes are seen at once and become durable in this order. */
  commit(commit: Omit<Commit, 'done'>, done: () => void): void {
    commit.apply(this.store);
    this.commits.push({ ...commit, done: [done] });
    if (this.commits.length === 1) this.scheduleCommit();
  }

  /** Resolves when everything written so far is durable. */
  whenDurable(done: () => void): void {
    const last = this.commits[this.commits.length - 1];
    if (last === undefined) done();
    else last.done.push(done);
  }

  private scheduleCommit(): void {
    this.scheduler.later(this, 'commit', () => {
      const count = this.random.between(1, this.commits.length);
      const done = this.makeDurable(count);
      if (this.commits.length > 0) this.scheduleCommit();
      for (const resolve of done) resolve();
    });
  }

  private makeDurable(count: number): (() => void)[] {
    const committed = this.commits.splice(0, count);
    for (const commit of committed) {
      commit.apply(this.durableStore);
      if (commit.log !== undefined) commit.log.partition.durable = Math.max(commit.log.partition.durable, commit.log.length);
    }
    return committed.flatMap((commit) => commit.done);
  }

  /** The process dies: of what was written but not durable, some prefix survives. */
  crash(): void {
    if (this.kind !== 'embedded') return;
    this.scheduler.cancel(this, () => false);
    this.makeDurable(this.random.below(this.commits.length + 1));
    this.commits = [];
    this.store = this.durableStore.copy();
    for (const partitions of this.topics.values()) for (const partition of partitions) partition.records.length = partition.durable;
    this.positions.clear();
    for (const [key, position] of this.durablePositions) this.positions.set(key, position);
  }

  storePosition(key: string, next: bigint, done: () => void): void {
    this.positions.set(key, next);
    if (this.kind === 'separate') done();
    else this.commit({ apply: (store) => { if (store === this.durableStore) this.durablePositions.set(key, next); } }, done);
  }

  /** The topics are made anew: empty, offsets from 0. */
  remakeTopics(raiseEpoch: boolean): void {
    for (const partitions of this.topics.values()) for (const partition of partitions) Object.assign(partition, { records: [], durable: 0 });
    this.positions.clear();
    this.durablePositions.clear();
    if (raiseEpoch) this.epoch += 1;
    else for (const store of [this.store, this.durableStore]) store.drop(boxProgress);
  }

  applyAll(operations: readonly WriteOperation[]): (store: VersionedStore) => void {
    return (store) => { for (const operation of operations) store.apply(operation); };
  }

  batchFrom(topic: Topic, index: number, from: bigint, limit: number): { records: LogRecord[]; length: number; partition: LogPartition } {
    const partition = this.partition(topic, index);
    const records = partition.records.slice(Number(from), Number(from) + limit);
    return { records, length: Number(from) + records.length, partition };
  }
}

export type { RecordBatch };
