import { ByteReader } from '@heliograph/storage/byte-writer';
import type { Catalog } from '@heliograph/storage/catalog';
import type { StorageClock } from '@heliograph/storage/clock';
import { StorageUnavailable } from '@heliograph/storage/errors';
import { prefixEnd } from '@heliograph/storage/key-encoding';
import type { OrderedEngine } from '@heliograph/storage/ordered-engine';
import { LOG_TAG, POSITION_TAG } from '@heliograph/storage/table-codec';
import { LogRefused, LogUnavailable, OffsetOutOfRange } from './errors';
import type { Appended, AppendRecord, EventLog, LogRecord, RecordBatch, Subscription, Topic } from './event-log';
import { BATCH_BYTES_MAX, PARTITIONS_MAX, READ_RECORDS_MAX, REDELIVERY_MS, SUBSCRIPTIONS_MAX, TAIL_RECORDS_MAX, TOPICS_MAX, TRIM_RECORDS_MAX, VOLATILE_BYTES_MAX, VOLATILE_RECORDS_MAX } from './limits';

/** What the catalog remembers of a topic. */
interface CatalogTopic {
  id: number;
  name: string;
  partitions: number;
  durability: Topic['durability'];
  epoch: number;
}

/** The newest records of a partition, oldest first. */
interface Recent {
  record: LogRecord;
  offset: number;
  bytes: number;
  durable: Promise<void>;
}

interface Partition {
  topic: OpenTopic;
  index: number;
  earliest: number;
  next: number;
  recent: Recent[];
  /** Where `recent` begins: what is before it was dropped and is cut off now and then. */
  first: number;
  recentBytes: number;
  subscriptions: Set<PartitionSubscription>;
}

interface OpenTopic {
  declaration: Topic;
  entry: CatalogTopic;
  partitions: Partition[];
}

/**
 * The event-log port over an ordered engine: a record is a key (topic, partition, offset) with its time, so that log and
 * tables share one commit order. Volatile topics live in memory alone.
 */
export class LogStore implements EventLog {
  private readonly topics = new Map<string, OpenTopic>();
  private readonly volatilePositions = new Map<string, bigint>();
  private readonly reader = new ByteReader();
  private closed = false;

  constructor(
    private readonly engine: OrderedEngine,
    private readonly catalog: Catalog,
    private readonly clock: StorageClock,
    private readonly onClose: () => Promise<void>,
  ) {}

  async ensureTopics(topics: readonly Topic[]): Promise<void> {
    for (const topic of topics) if (!this.topics.has(topic.name)) this.topics.set(topic.name, this.openTopic(topic));
    await this.engine.durable();
  }

  private openTopic(topic: Topic): OpenTopic {
    if (!(topic.partitions >= 1 && topic.partitions <= PARTITIONS_MAX)) throw new LogRefused(`topic ${topic.name} with ${topic.partitions} partitions; 1 to ${PARTITIONS_MAX}`);
    const stored = this.catalog.find<CatalogTopic>('topic', topic.name);
    if (stored !== undefined && (stored.partitions !== topic.partitions || stored.durability !== topic.durability)) {
      throw new LogRefused(`topic ${topic.name} was made ${stored.durability} with ${stored.partitions} partitions and is declared ${topic.durability} with ${topic.partitions}; neither ever changes, because a key would move to another partition`);
    }
    const id = stored?.id ?? this.catalog.list<CatalogTopic>('topic').length + 1;
    if (id > TOPICS_MAX) throw new LogRefused(`more than ${TOPICS_MAX} topics`);
    // A volatile topic begins anew with each process.
    const epoch = stored === undefined ? 1 : topic.durability === 'volatile' ? stored.epoch + 1 : stored.epoch;
    const entry: CatalogTopic = { id, name: topic.name, partitions: topic.partitions, durability: topic.durability, epoch };
    if (stored?.epoch !== epoch) this.catalog.store('topic', topic.name, entry);
    const open: OpenTopic = { declaration: topic, entry, partitions: [] };
    for (let index = 0; index < topic.partitions; index++) {
      const ends = topic.durability === 'durable' ? this.endsOnDisk(id, index) : { earliest: 0, next: 0 };
      open.partitions.push({ topic: open, index, ...ends, recent: [], first: 0, recentBytes: 0, subscriptions: new Set() });
    }
    return open;
  }

  private endsOnDisk(topic: number, partition: number): { earliest: number; next: number } {
    const prefix = partitionKey(LOG_TAG, topic, partition);
    const end = prefixEnd(prefix, 0, prefix.length);
    let earliest = 0;
    let next = 0;
    this.engine.range(prefix, end, false, (key) => {
      earliest = key.readUIntBE(prefix.length, 6);
      return false;
    });
    this.engine.range(prefix, end, true, (key) => {
      next = key.readUIntBE(prefix.length, 6) + 1;
      return false;
    });
    return { earliest, next };
  }

  private partition(topic: Topic, index: number): Partition {
    if (this.closed) throw new LogUnavailable('the log is closed');
    const open = this.topics.get(topic.name);
    if (open === undefined) throw new LogRefused(`topic ${topic.name} is not there: name it in ensureTopics at start`);
    const partition = open.partitions[index];
    if (partition === undefined) throw new LogRefused(`${topic.name} has partitions 0 to ${open.partitions.length - 1}, not ${index}`);
    return partition;
  }

  async epoch(topic: Topic): Promise<number> {
    return this.partition(topic, 0).topic.entry.epoch;
  }

  async bounds(topic: Topic, partition: number): Promise<{ earliest: bigint; next: bigint }> {
    const { earliest, next } = this.partition(topic, partition);
    return { earliest: BigInt(earliest), next: BigInt(next) };
  }

  // ── appending ──────────────────────────────────────────────────────────────────────────────────────────────────────

  append(topic: Topic, index: number, records: readonly AppendRecord[]): Appended {
    try {
      const partition = this.partition(topic, index);
      if (records.length === 0) throw new LogRefused(`an append of no records to ${topic.name}`);
      for (const { key, value, headers } of records) {
        const bytes = recordBytes(key, value, headers);
        if (bytes > topic.recordBytesMax) throw new LogRefused(`a record of ${bytes} bytes for ${topic.name}; at most ${topic.recordBytesMax}`);
      }
      const first = partition.next;
      const durable = topic.durability === 'durable' ? this.appendDurable(partition, records) : SETTLED;
      for (const record of records) {
        this.remember(partition, { offset: BigInt(partition.next), ...record }, durable);
        partition.next += 1;
      }
      for (const subscription of partition.subscriptions) subscription.wake();
      return { firstOffset: Promise.resolve(BigInt(first)), durable };
    } catch (error) {
      const failed = Promise.reject<never>(asLogError(error));
      failed.catch(() => {});
      return { firstOffset: failed, durable: failed };
    }
  }

  private appendDurable(partition: Partition, records: readonly AppendRecord[]): Promise<void> {
    const { engine } = this;
    engine.admit();
    const now = this.clock.now();
    let offset = partition.next;
    for (const { key, value, headers } of records) {
      const operation = engine.begin();
      const { writer } = engine;
      writePartitionKey(writer, LOG_TAG, partition.topic.entry.id, partition.index);
      writer.uint48(offset++);
      const keyEnd = writer.position;
      writer.uint48(now);
      writer.text(key);
      const names = headers === undefined ? [] : Object.keys(headers);
      writer.varint(names.length);
      for (const name of names) {
        writer.text(name);
        writer.text((headers as Record<string, string>)[name] as string);
      }
      writer.raw(value);
      engine.put(operation, keyEnd);
    }
    return engine.durable();
  }

  private remember(partition: Partition, record: LogRecord, durable: Promise<void>): void {
    const isDurable = partition.topic.entry.durability === 'durable';
    // Nobody reads on: the disk has it.
    if (isDurable && partition.subscriptions.size === 0) return forgetRecent(partition);
    const bytes = recordBytes(record.key, record.value, record.headers);
    partition.recent.push({ record, offset: Number(record.offset), bytes, durable });
    partition.recentBytes += bytes;
    const [recordsMax, bytesMax] = isDurable ? [TAIL_RECORDS_MAX, BATCH_BYTES_MAX] : [VOLATILE_RECORDS_MAX, VOLATILE_BYTES_MAX];
    while (partition.recent.length - partition.first > recordsMax || (partition.recentBytes > bytesMax && partition.recent.length - partition.first > 1)) {
      partition.recentBytes -= (partition.recent[partition.first] as Recent).bytes;
      partition.first += 1;
    }
    if (partition.first > 1024 && partition.first * 2 > partition.recent.length) {
      partition.recent.splice(0, partition.first);
      partition.first = 0;
    }
    if (!isDurable) partition.earliest = (partition.recent[partition.first] as Recent).offset;
  }

  // ── reading ────────────────────────────────────────────────────────────────────────────────────────────────────────

  async read(topic: Topic, index: number, from: bigint, limit: number): Promise<LogRecord[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > READ_RECORDS_MAX) throw new LogRefused(`read of ${limit} records; 1 to ${READ_RECORDS_MAX}`);
    const partition = this.partition(topic, index);
    checkRange(partition, from);
    return this.batch(partition, Number(from), limit).records;
  }

  /** Records from `from` on, which must be within the partition's bounds. */
  batch(partition: Partition, from: number, limit: number): RecordBatch {
    const { recent, first } = partition;
    const oldest = recent[first]?.offset ?? Infinity;
    if (from < oldest) return partition.topic.entry.durability === 'durable' ? this.batchOnDisk(partition, from, limit) : { records: [], durable: SETTLED };
    const records: LogRecord[] = [];
    let bytes = 0;
    let durable = SETTLED;
    for (let i = first + from - oldest; i < recent.length && records.length < limit; i++) {
      const entry = recent[i] as Recent;
      bytes += entry.bytes;
      if (bytes > BATCH_BYTES_MAX && records.length > 0) break;
      records.push(entry.record);
      durable = entry.durable;
    }
    return { records, durable };
  }

  private batchOnDisk(partition: Partition, from: number, limit: number): RecordBatch {
    const prefix = partitionKey(LOG_TAG, partition.topic.entry.id, partition.index);
    const start = Buffer.alloc(prefix.length + 6);
    prefix.copy(start);
    start.writeUIntBE(from, prefix.length, 6);
    const records: LogRecord[] = [];
    let bytes = 0;
    const { reader } = this;
    this.engine.range(start, prefixEnd(prefix, 0, prefix.length), false, (key, value) => {
      bytes += value.length;
      if (bytes > BATCH_BYTES_MAX && records.length > 0) return false;
      records.push(readRecord(reader.from(value, 0, value.length), BigInt(key.readUIntBE(prefix.length, 6))));
      return records.length < limit;
    });
    return { records, durable: this.engine.durable() };
  }

  async subscribe(topic: Topic, index: number, from: bigint, handler: (batch: RecordBatch) => Promise<void>): Promise<Subscription> {
    const partition = this.partition(topic, index);
    checkRange(partition, from);
    if (partition.subscriptions.size >= SUBSCRIPTIONS_MAX) throw new LogRefused(`more than ${SUBSCRIPTIONS_MAX} subscriptions of ${topic.name}/${index}`);
    const subscription = new PartitionSubscription(this, partition, Number(from), handler, this.clock);
    partition.subscriptions.add(subscription);
    subscription.wake();
    return subscription;
  }

  // ── positions ──────────────────────────────────────────────────────────────────────────────────────────────────────

  async findPosition(group: string, topic: Topic, index: number): Promise<bigint | undefined> {
    const partition = this.partition(topic, index);
    if (partition.topic.entry.durability === 'volatile') return this.volatilePositions.get(`${group}/${topic.name}/${index}`);
    const key = Buffer.concat([partitionKey(POSITION_TAG, partition.topic.entry.id, index), Buffer.from(group)]);
    const value = this.engine.get(key, 0, key.length);
    return value === undefined ? undefined : BigInt(value.readUIntBE(0, 6));
  }

  async storePosition(group: string, topic: Topic, index: number, next: bigint): Promise<void> {
    const partition = this.partition(topic, index);
    if (next < 0n || next > BigInt(partition.next)) throw new LogRefused(`position ${next} of ${group} in ${topic.name}/${index}, which ends at ${partition.next}`);
    if (partition.topic.entry.durability === 'volatile') {
      this.volatilePositions.set(`${group}/${topic.name}/${index}`, next);
      return;
    }
    const { engine } = this;
    engine.admit();
    const operation = engine.begin();
    const { writer } = engine;
    writePartitionKey(writer, POSITION_TAG, partition.topic.entry.id, index);
    writer.raw(Buffer.from(group));
    const keyEnd = writer.position;
    writer.uint48(Number(next));
    engine.put(operation, keyEnd);
    await engine.durable();
  }

  // ── trimming ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Removes records past their topic's retention that lie below every stored position; the newest record stays. Answers how many. */
  trim(): number {
    let trimmed = 0;
    if (this.closed) return trimmed;
    for (const topic of this.topics.values()) {
      if (topic.entry.durability === 'durable') for (const partition of topic.partitions) trimmed += this.trimPartition(partition);
    }
    return trimmed;
  }

  private trimPartition(partition: Partition): number {
    const { engine } = this;
    // The newest record stays, so that the next offset is known after a restart.
    const end = Math.min(this.lowestPosition(partition), partition.next - 1, partition.earliest + TRIM_RECORDS_MAX);
    if (end <= partition.earliest) return 0;
    const before = this.clock.now() - partition.topic.declaration.retentionMs;
    const prefix = partitionKey(LOG_TAG, partition.topic.entry.id, partition.index);
    const key = Buffer.alloc(prefix.length + 6);
    prefix.copy(key);
    const { earliest } = partition;
    while (partition.earliest < end) {
      key.writeUIntBE(partition.earliest, prefix.length, 6);
      const value = engine.get(key, 0, key.length);
      if (value !== undefined && value.readUIntBE(0, 6) > before) break;
      const operation = engine.begin();
      engine.writer.raw(key);
      engine.remove(operation, engine.writer.position);
      partition.earliest += 1;
    }
    return partition.earliest - earliest;
  }

  private lowestPosition(partition: Partition): number {
    const prefix = partitionKey(POSITION_TAG, partition.topic.entry.id, partition.index);
    let lowest = Infinity;
    this.engine.range(prefix, prefixEnd(prefix, 0, prefix.length), false, (_key, value) => {
      lowest = Math.min(lowest, value.readUIntBE(0, 6));
      return true;
    });
    return lowest;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    const subscriptions = [...this.topics.values()].flatMap((topic) => topic.partitions.flatMap((partition) => [...partition.subscriptions]));
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
    this.closed = true;
    await this.onClose();
  }
}

/** One subscriber of a partition: batches in order, one at a time. */
class PartitionSubscription implements Subscription {
  readonly ended: Promise<Error | undefined>;
  private end!: (error: Error | undefined) => void;
  private running = false;
  private closing = false;
  private readonly stop = new AbortController();

  constructor(
    private readonly store: LogStore,
    private readonly partition: Partition,
    private next: number,
    private readonly handler: (batch: RecordBatch) => Promise<void>,
    private readonly clock: StorageClock,
  ) {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  /** There may be records. They are handed over after the current turn, so that what was appended in it comes as one batch. */
  wake(): void {
    if (this.running || this.closing) return;
    this.running = true;
    queueMicrotask(() => void this.run());
  }

  private async run(): Promise<void> {
    let failure: Error | undefined;
    try {
      while (!this.closing && this.next < this.partition.next) {
        checkRange(this.partition, BigInt(this.next));
        const batch = this.store.batch(this.partition, this.next, READ_RECORDS_MAX);
        await this.deliver(batch);
        this.next += batch.records.length;
      }
    } catch (error) {
      failure = asLogError(error);
      this.closing = true;
    }
    this.running = false;
    if (this.closing) this.finish(failure);
  }

  private async deliver(batch: RecordBatch): Promise<void> {
    for (;;) {
      try {
        await this.handler(batch);
        return;
      } catch {
        // NOTE: at least once: the handler sees the same records again, and what it throws is its own to report.
        await this.clock.sleep(REDELIVERY_MS, this.stop.signal);
        if (this.closing) return;
      }
    }
  }

  private finish(failure: Error | undefined): void {
    this.partition.subscriptions.delete(this);
    this.end(failure);
  }

  async close(): Promise<void> {
    this.closing = true;
    this.stop.abort();
    if (!this.running) this.finish(undefined);
    await this.ended;
  }
}

const SETTLED: Promise<void> = Promise.resolve();

function checkRange({ topic, index, earliest, next }: Partition, from: bigint): void {
  if (from < BigInt(earliest) || from > BigInt(next)) throw new OffsetOutOfRange(topic.entry.name, index, from, BigInt(earliest), BigInt(next));
}

function forgetRecent(partition: Partition): void {
  if (partition.recent.length === 0) return;
  partition.recent = [];
  partition.first = 0;
  partition.recentBytes = 0;
}

function recordBytes(key: string, value: Uint8Array, headers: Record<string, string> | undefined): number {
  let bytes = key.length + value.length;
  if (headers !== undefined) for (const name of Object.keys(headers)) bytes += name.length + (headers[name] as string).length;
  return bytes;
}

function writePartitionKey(writer: { byte(value: number): void }, tag: number, topic: number, partition: number): void {
  writer.byte(tag);
  writer.byte(topic);
  writer.byte(partition >> 8);
  writer.byte(partition & 0xff);
}

function partitionKey(tag: number, topic: number, partition: number): Buffer {
  return Buffer.from([tag, topic, partition >> 8, partition & 0xff]);
}

function readRecord(reader: ByteReader, offset: bigint): LogRecord {
  reader.position += 6;
  const key = reader.text();
  const count = reader.varint();
  let headers: Record<string, string> | undefined;
  for (let i = 0; i < count; i++) {
    headers ??= {};
    const name = reader.text();
    headers[name] = reader.text();
  }
  const value = Uint8Array.prototype.slice.call(reader.bytes, reader.position, reader.end);
  return headers === undefined ? { offset, key, value } : { offset, key, value, headers };
}

function asLogError(error: unknown): Error {
  if (error instanceof StorageUnavailable) return new LogUnavailable(error.message, { cause: error });
  return error as Error;
}
