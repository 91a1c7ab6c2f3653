import { openMemoryEventLog } from '@heliograph/event-log/memory';
import type { AppendRecord, EventLog, LogRecord, Topic } from '@heliograph/event-log/event-log';
import { ENGINE_TABLES } from '@heliograph/message-store/engine/engine';
import { versionOf } from '@heliograph/message-store/engine/ids';
import { BOX_COMMANDS, partitionOfBox } from '@heliograph/message-store/engine/topics';
import { boxLog } from '@heliograph/message-store/tables/box-log';
import { boxProgress } from '@heliograph/message-store/tables/box-progress';
import { boxState } from '@heliograph/message-store/tables/box-state';
import { homeDcOf } from '@heliograph/box/box-id';
import type { Clock } from '@heliograph/service-kit/kit';
import { MemoryDisk, openMemoryStorage } from '@heliograph/storage/memory';
import type { Storage } from '@heliograph/storage/storage';
import type { NodePorts } from './node-ports';
import type { Random } from './random';
import type { Scheduler } from './scheduler';

/**
 * How the stores of a data center fail.
 * `embedded`: log and tables share one commit order; a crash takes the newest writes of both, to one point. Writes and records are
 *   seen before they are durable. The memory adapters of both ports on one disk.
 * `separate`: a log and a database of their own that survive the process; every request may be late, repeated, lost, or done and
 *   answered with an error. Tables are the memory adapter's; the log is the simulator's model of Kafka.
 */
export type StoreKind = 'embedded' | 'separate';

/** A partition of the separate log. */
interface LogPartition {
  records: LogRecord[];
}

/** What a data center keeps, and for `embedded` which of it survives a crash. */
export class DataCenter {
  private readonly disk: MemoryDisk;
  /** For judges and attackers: answers at once, past all faults. */
  tables!: Storage;
  private topics = new Map<string, LogPartition[]>();
  readonly positions = new Map<string, bigint>();
  /** Everybody who was started here. */
  readonly processes = new Set<NodePorts>();
  /** Of the separate log. */
  epoch = 1;
  /** Durable records ever appended. */
  appended = 0;
  private committing = false;
  /** The disk takes its time (embedded). */
  slow = false;
  /** Called with every record that enters a topic. */
  readonly listeners: ((topic: Topic, partition: number, record: AppendRecord) => void)[] = [];

  constructor(readonly id: number, readonly kind: StoreKind, readonly scheduler: Scheduler, readonly random: Random) {
    this.disk = new MemoryDisk({ flush: kind === 'embedded' ? 'by-hand' : 'at-once' });
  }

  /** The tables, and for `embedded` the log, as a process that starts now opens them. */
  open(clock: Clock): { storage: Storage; eventLog: EventLog | undefined } {
    const storage = openMemoryStorage({ disk: this.disk, clock });
    const eventLog = this.kind === 'embedded' ? openMemoryEventLog({ disk: this.disk, clock }) : undefined;
    this.tables = openMemoryStorage({ disk: this.disk, clock: { ...clock, every: () => ({ stop() {} }) } });
    // Made in memory at once; that they are durable nobody waits for.
    for (const tables of [storage, this.tables]) tables.ensureTables(ENGINE_TABLES).catch(() => {});
    return { storage, eventLog };
  }

  /** Tells listeners of records that enter a topic. */
  entered(topic: Topic, index: number, records: readonly AppendRecord[]): void {
    if (topic.durability === 'durable') this.appended += records.length;
    for (const record of records) for (const listener of this.listeners) listener(topic, index, record);
  }

  // ── embedded ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Some time from now, some of what waits becomes durable. Called after every step. */
  commitLater(): void {
    if (this.kind !== 'embedded' || this.committing || this.disk.waiting === 0) return;
    this.committing = true;
    const commit = (): void => {
      this.committing = false;
      this.disk.flush(this.random.between(1, Math.max(1, this.disk.waiting)));
    };
    if (this.slow) this.scheduler.after(this.random.between(1, 300), this, commit);
    else this.scheduler.later(this, 'commit', commit);
  }

  /** The process dies: of what was written but not durable, the oldest part survives. */
  crash(): void {
    if (this.kind !== 'embedded') return;
    this.scheduler.cancel(this, () => false);
    this.committing = false;
    const kept = this.random.below(this.disk.waiting + 1);
    this.disk.crash((group) => group < kept);
  }

  // ── separate ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  partition(topic: Topic, index: number): LogPartition {
    let partitions = this.topics.get(topic.name);
    if (partitions === undefined) {
      partitions = Array.from({ length: topic.partitions }, () => ({ records: [] }));
      this.topics.set(topic.name, partitions);
    }
    return partitions[index] as LogPartition;
  }

  append(topic: Topic, index: number, records: readonly AppendRecord[]): bigint {
    const partition = this.partition(topic, index);
    const first = BigInt(partition.records.length);
    for (const { key, value, headers } of records) partition.records.push({ offset: BigInt(partition.records.length), key, value, headers });
    this.entered(topic, index, records);
    return first;
  }

  read(topic: Topic, index: number, from: bigint, limit: number): LogRecord[] {
    return this.partition(topic, index).records.slice(Number(from), Number(from) + limit);
  }

  /** Whether the command that has this version in its box stands in the log; of another data center's box its own log says. */
  holds(box: number, version: bigint): boolean {
    return homeDcOf(box) !== this.id || version < versionOf(this.epoch, BigInt(this.partition(BOX_COMMANDS, partitionOfBox(box)).records.length));
  }

  /** The topics are made anew: empty, offsets from 0. Without a raised epoch the marks are gone too, or the engine would refuse. */
  async remakeTopics(raiseEpoch: boolean): Promise<void> {
    for (const partitions of this.topics.values()) for (const partition of partitions) partition.records = [];
    this.positions.clear();
    if (raiseEpoch) {
      this.epoch += 1;
      return;
    }
    const marks = await this.tables.range(boxProgress, { topic: BOX_COMMANDS.name, epoch: this.epoch }, { limit: 1_000 });
    for (const { partition } of marks) await this.tables.delete(boxProgress, { topic: BOX_COMMANDS.name, epoch: this.epoch, partition }, { version: 1n << 60n });
  }

  /** The durable commands of a box, with their offsets. */
  async commandsOf(box: number): Promise<{ offset: bigint; value: Uint8Array }[]> {
    const index = partitionOfBox(box);
    const own = (record: LogRecord): boolean => record.key === String(box);
    if (this.kind === 'separate') return this.partition(BOX_COMMANDS, index).records.filter(own);
    const clock: Clock = { now: () => this.scheduler.now, sleep: () => new Promise(() => {}), every: () => ({ stop() {} }) };
    const log = openMemoryEventLog({ disk: this.disk, clock });
    await log.ensureTopics([BOX_COMMANDS]);
    const { next } = await log.bounds(BOX_COMMANDS, index);
    const found: LogRecord[] = [];
    await new Promise<void>((resolve, reject) => {
      if (next === 0n) return resolve();
      log.subscribe(BOX_COMMANDS, index, 0n, async ({ records }) => {
        found.push(...records);
        if ((records.at(-1)?.offset ?? 0n) + 1n >= next) resolve();
      }).catch(reject);
    });
    return found.filter(own);
  }

  // ── for judges ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Rows of box_log and box_state of a box. A run is too short for a second bucket. */
  async rowsOf(box: number): Promise<{ log: { kind: number; id: number; v: Uint8Array }[]; state: { kind: number; id: number; v: Uint8Array }[] }> {
    const log = await this.tables.range(boxLog, { box, bucket: 0 }, { limit: 1_000 });
    const state = await this.tables.range(boxState, { box }, { limit: 1_000 });
    return { log: log as never, state: state as never };
  }
}
