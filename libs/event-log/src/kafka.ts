import { readFile } from 'node:fs/promises';
import { processClock, type StorageClock } from '@heliograph/storage/clock';
import { LogRefused, LogUnavailable, OffsetOutOfRange } from './errors';
import type { Appended, AppendRecord, EventLog, LogRecord, PlacedRecords, RecordBatch, Subscription, SubscribeOptions, Topic } from './event-log';
import { Appender, failedAppend } from './kafka/appender';
import { Cluster, type KnownTopic, parseBroker, Pending } from './kafka/cluster';
import type { ConnectionOptions } from './kafka/connection';
import { Epochs, EPOCHS_TOPIC } from './kafka/epochs';
import { errorName, isOtherTopic, isRefusal, OFFSET_OUT_OF_RANGE, OK } from './kafka/error-codes';
import { Fetcher } from './kafka/fetcher';
import { Following } from './kafka/following';
import { ANSWER_TIMEOUT_MS, ASK_BUDGET_MS, CLOSE_PATIENCE_MS, FETCH_WAIT_MS, START_BUDGET_MS } from './kafka/limits';
import { LogEnds } from './kafka/log-ends';
import { SILENT, type KafkaNotes } from './kafka/notes';
import { PartitionReader } from './kafka/partition-reader';
import { Positions } from './kafka/positions';
import { produceOn } from './kafka/produce';
import { BatchUnreadable, decodeBatches, type DecodedRecords } from './kafka/record-batch';
import { FETCH, INIT_PRODUCER_ID } from './kafka/requests';
import { ensureKafkaTopics } from './kafka/topics';
import { checkDeclaration } from './kafka/topic-settings';
import { BATCH_BYTES_MAX, READ_RECORDS_MAX, SUBSCRIPTIONS_MAX } from './limits';

export interface KafkaOptions {
  /** `host:port` of some brokers; the others are learned from them. */
  brokers: readonly string[];
  /** Copies of each record, of topics that are made; topics with fewer are refused. */
  replication: number;
  /** Named in Kafka's logs and quotas. */
  clientId: string;
  /** Both or none. SCRAM-SHA-512, SCRAM-SHA-256, or through TLS also PLAIN: the strongest that the brokers offer. */
  saslUsername?: string | undefined;
  saslPassword?: string | undefined;
  /** Path of a PEM file with the certificates that a broker's must lead to. Present: TLS. */
  tlsCa?: string | undefined;
  /** The lowest epoch of a topic that is made anew: above all before, when Kafka was lost and the tables were kept. Default 1. */
  epochFloor?: number;
  /** How far apart requests of a stream to one broker begin: less CPU for more latency. Default PACE_MS. */
  paceMs?: number;
  clock?: StorageClock;
  log?: KafkaNotes;
}

/**
 * The event-log port on Kafka 3.1 to 4.x (ADR 0008). Throws LogUnavailable when no broker answers (try again), LogRefused when one
 * won't have us or is too old.
 */
export async function openKafka(options: KafkaOptions): Promise<EventLog> {
  if (options.brokers.length === 0) throw new LogRefused('HELIOGRAPH_KAFKA names no broker');
  if (!(Number.isInteger(options.replication) && options.replication >= 1)) throw new LogRefused(`HELIOGRAPH_KAFKA_REPLICATION=${options.replication} is not a number of copies`);
  const log = new KafkaLog(options, await connectionOptions(options));
  try {
    await log.connect();
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

async function connectionOptions({ clientId, saslUsername, saslPassword, tlsCa }: KafkaOptions): Promise<ConnectionOptions> {
  const options: ConnectionOptions = { clientId };
  if (saslUsername !== undefined && saslPassword !== undefined) options.sasl = { username: saslUsername, password: saslPassword };
  if (tlsCa !== undefined) {
    try {
      options.tls = { ca: await readFile(tlsCa, 'utf8') };
    } catch (error) {
      throw new LogRefused(`HELIOGRAPH_KAFKA_TLS_CA can't be read: ${(error as Error).message}`, { cause: error });
    }
  }
  return options;
}

class KafkaLog implements EventLog {
  private readonly clock: StorageClock;
  private readonly notes: KafkaNotes;
  private readonly cluster: Cluster;
  private readonly appender: Appender;
  private readonly fetcher: Fetcher;
  private readonly following: Following;
  private readonly ends: LogEnds;
  private readonly positions: Positions;
  private readonly epochs: Epochs;
  private readonly topics = new Map<string, Topic>();
  private readonly readers = new Set<PartitionReader>();
  private readonly placedListeners: ((placed: PlacedRecords) => void)[] = [];
  /** Ends of partitions that went by, to tell a position that can't be. */
  private readonly seenEnds = new Map<string, bigint>();
  private ensuring: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(private readonly options: KafkaOptions, private readonly connection: ConnectionOptions) {
    this.clock = options.clock ?? processClock;
    this.notes = options.log ?? SILENT;
    const cluster = new Cluster(options.brokers.map(parseBroker), connection, this.clock, this.notes);
    this.cluster = cluster;
    this.ends = new LogEnds(cluster);
    this.positions = new Positions(cluster);
    this.appender = new Appender({
      leader: (topic, partition) => cluster.leader(topic, partition)?.node,
      produce: (node, acks, batches, budgetMs) => produceOn(cluster, this.clock, node, acks, batches, budgetMs),
      newProducer: () => cluster.untilAnswered('no producer id', ASK_BUDGET_MS, async () => {
        const answer = await cluster.askAny(INIT_PRODUCER_ID, undefined);
        if (isRefusal(answer.code)) throw new LogRefused(`Kafka refuses to number what is appended: ${errorName(answer.code)}`);
        return answer.code === OK ? answer : Pending.of('no producer id', answer.code);
      }),
      refresh: () => cluster.refresh(),
      placed: (placed) => {
        this.following.offer(placed);
        for (const listener of this.placedListeners) listener(placed);
      },
    }, this.clock, { paceMs: options.paceMs });
    this.following = new Following({
      read: ({ topic, topicId, partition, position }) => this.fetchOnce(topic, topicId, partition, position, READ_RECORDS_MAX),
      ends: (readers) => this.ends.latest(readers.map(({ topic, partition }) => ({ topic: topic.name, partition }))),
      isCurrent: ({ topic, topicId }) => !this.closed && cluster.topic(topic.name)?.id === topicId,
    }, this.clock, this.notes);
    this.fetcher = new Fetcher({
      leader: (topic, partition) => cluster.leader(topic, partition),
      topicId: (topic) => cluster.topic(topic)?.id,
      fetch: async (node, slot, question) => (await cluster.connection(node, `fetch-${slot}`)).request(FETCH, question, FETCH_WAIT_MS + ANSWER_TIMEOUT_MS),
      ends: (topic, partition) => this.ends.of(topic, partition),
      refresh: () => cluster.refresh(),
      seen: (topic, partition, next) => { this.seenEnds.set(`${topic}/${partition}`, next); },
    }, this.clock, this.notes, options.paceMs);
    this.epochs = new Epochs({
      topicId: (topic) => this.freshId(topic),
      append: (records) => this.append(EPOCHS_TOPIC, 0, records).durable,
      read: (from) => this.read(EPOCHS_TOPIC, 0, from, READ_RECORDS_MAX),
      end: async () => (await this.bounds(EPOCHS_TOPIC, 0)).next,
    }, options.epochFloor ?? 1);
  }

  /** Throws LogUnavailable, LogRefused. */
  async connect(): Promise<void> {
    await this.cluster.describe([]);
  }

  // ── topics ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  ensureTopics(topics: readonly Topic[]): Promise<void> {
    this.ensuring = this.ensuring.catch(() => {}).then(() => this.ensure([...topics, EPOCHS_TOPIC]));
    return this.ensuring;
  }

  private async ensure(topics: readonly Topic[]): Promise<void> {
    this.checkOpen();
    for (const topic of topics) checkDeclaration(topic);
    await ensureKafkaTopics(this.cluster, topics, this.options.replication, {
      brokers: this.options.brokers,
      ...this.connection,
      mechanism: this.cluster.saslMechanism,
    }, this.clock, START_BUDGET_MS);
    for (const topic of topics) this.topics.set(topic.name, topic);
  }

  async epoch(topic: Topic): Promise<number> {
    this.checkPartition(topic, 0);
    return (await this.epochs.current(topic.name)).epoch;
  }

  private async freshId(name: string): Promise<string> {
    return this.cluster.untilAnswered(`topic ${name} is not known`, ASK_BUDGET_MS, async () => {
      const found = (await this.cluster.describe([name])).find((topic) => topic.name === name);
      return found === undefined || found.code !== OK ? Pending.of('Kafka does not know it', found?.code ?? OK) : this.cluster.topic(name)?.id;
    });
  }

  private checkOpen(): void {
    if (this.closed) throw new LogUnavailable('the log is closed');
  }

  /** Throws LogUnavailable after `close`, LogRefused for what was never ensured. */
  private checkPartition(topic: Topic, partition: number): KnownTopic {
    this.checkOpen();
    const declared = this.topics.get(topic.name);
    const known = this.cluster.topic(topic.name);
    if (declared === undefined || known === undefined) throw new LogRefused(`topic ${topic.name} is not there: name it in ensureTopics at start`);
    if (!(Number.isInteger(partition) && partition >= 0 && partition < declared.partitions)) throw new LogRefused(`${topic.name} has partitions 0 to ${declared.partitions - 1}, not ${partition}`);
    return known;
  }

  // ── appending, reading ─────────────────────────────────────────────────────────────────────────────────────────────

  append(topic: Topic, partition: number, records: readonly AppendRecord[]): Appended {
    try {
      this.checkPartition(topic, partition);
      checkRecords(topic, records);
    } catch (error) {
      return failedAppend(error as Error);
    }
    return this.appender.append(topic, partition, records);
  }

  async read(topic: Topic, partition: number, from: bigint, limit: number): Promise<LogRecord[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > READ_RECORDS_MAX) throw new LogRefused(`read of ${limit} records; 1 to ${READ_RECORDS_MAX}`);
    const { id } = this.checkPartition(topic, partition);
    return (await this.fetchOnce(topic, id, partition, from, limit)).records;
  }

  /** What is there now. Throws OffsetOutOfRange, LogUnavailable, LogRefused. */
  private async fetchOnce(topic: Topic, id: string, partition: number, from: bigint, limit: number): Promise<DecodedRecords> {
    const { cluster } = this;
    const checkEnds = async (): Promise<Pending> => {
      const { earliest, next } = await this.ends.of(topic.name, partition);
      if (from < earliest || from > next) throw new OffsetOutOfRange(topic.name, partition, from, earliest, next);
      return new Pending('its broker lags behind');
    };
    const answered = await cluster.untilAnswered<DecodedRecords | typeof MADE_ANEW>(`${topic.name}/${partition} can't be read`, ASK_BUDGET_MS, async () => {
      if (cluster.topic(topic.name)?.id !== id) return MADE_ANEW;
      if (from < 0n) return checkEnds();
      const leader = cluster.leader(topic.name, partition);
      if (leader === undefined) return new Pending('it has no leader');
      const answer = await cluster.ask(leader.node, FETCH, {
        waitMs: 0,
        bytesMax: BATCH_BYTES_MAX,
        sessionId: 0,
        sessionEpoch: -1,
        topics: [{ id, partitions: [{ index: partition, leaderEpoch: leader.leaderEpoch, offset: from, bytesMax: BATCH_BYTES_MAX }] }],
        forgotten: [],
      });
      const found = answer.topics[0]?.partitions[0];
      const code = answer.code !== OK ? answer.code : found?.code;
      if (code === OFFSET_OUT_OF_RANGE) return checkEnds();
      if (code !== undefined && isRefusal(code)) throw new LogRefused(`Kafka refuses to give records of ${topic.name}: ${errorName(code)}`);
      if (found === undefined || code !== OK) return new Pending(code === undefined || isOtherTopic(code) ? 'its broker does not know the topic' : errorName(code));
      try {
        return decodeBatches(found.batches, from, limit);
      } catch (error) {
        throw error instanceof BatchUnreadable ? new LogUnavailable(error.message) : error;
      }
    });
    if (answered === MADE_ANEW) throw new LogUnavailable(`topic ${topic.name} was made anew; begin again, in its new epoch`);
    return answered;
  }

  async subscribe(topic: Topic, partition: number, from: bigint, handler: (batch: RecordBatch) => Promise<void>, options: SubscribeOptions = {}): Promise<Subscription> {
    const { id } = this.checkPartition(topic, partition);
    if (options.epoch !== undefined && this.epochs.known(topic.name, id) !== options.epoch) throw new LogUnavailable(`topic ${topic.name} is not in epoch ${options.epoch} any more: it was made anew`);
    if ([...this.readers].filter((reader) => reader.topic.name === topic.name && reader.partition === partition).length >= SUBSCRIPTIONS_MAX) {
      throw new LogRefused(`more than ${SUBSCRIPTIONS_MAX} subscriptions of ${topic.name}/${partition}`);
    }
    const first = await this.fetchOnce(topic, id, partition, from, READ_RECORDS_MAX);
    this.checkOpen();
    // A second reader of the partition, and one of a broker that does not name the topic that it appended to, fetch.
    const feed = options.handed === true && await this.placesByTopicId(topic, partition) && !this.following.holds(topic.name, partition) ? this.following : this.fetcher;
    this.checkOpen();
    const reader = new PartitionReader(topic, id, partition, from, handler, this.clock, (full) => feed.resume(full), (ended) => {
      feed.remove(ended);
      this.readers.delete(ended);
    });
    this.readers.add(reader);
    reader.take(first.records, first.bytes, first.next);
    feed.add(reader);
    return reader;
  }

  /** Whether its leader takes records for one incarnation of a topic, so that the place that it answers is of that one (Kafka 4.1). */
  private async placesByTopicId(topic: Topic, partition: number): Promise<boolean> {
    const leader = this.cluster.leader(topic.name, partition);
    if (leader === undefined) return false;
    try {
      return (await this.cluster.connection(leader.node, 'produce')).byTopicId;
    } catch {
      return false;
    }
  }

  hand(placed: PlacedRecords): void {
    this.following.offer(placed);
  }

  onPlaced(listener: (placed: PlacedRecords) => void): void {
    this.placedListeners.push(listener);
  }

  async bounds(topic: Topic, partition: number): Promise<{ earliest: bigint; next: bigint }> {
    this.checkPartition(topic, partition);
    const ends = await this.ends.of(topic.name, partition);
    this.seenEnds.set(`${topic.name}/${partition}`, ends.next);
    this.following.sawEnd(topic.name, partition, ends.next);
    return ends;
  }

  // ── positions ──────────────────────────────────────────────────────────────────────────────────────────────────────

  async findPosition(group: string, topic: Topic, partition: number): Promise<bigint | undefined> {
    const { id } = this.checkPartition(topic, partition);
    return this.positions.find(group, topic.name, id, partition);
  }

  async storePosition(group: string, topic: Topic, partition: number, next: bigint): Promise<void> {
    const { id } = this.checkPartition(topic, partition);
    const seen = this.following.positionOf(topic.name, partition) ?? this.seenEnds.get(`${topic.name}/${partition}`) ?? -1n;
    const end = next < 0n || next > seen ? (await this.bounds(topic, partition)).next : seen;
    if (next < 0n || next > end) throw new LogRefused(`position ${next} of ${group} in ${topic.name}/${partition}, which ends at ${end}`);
    return this.positions.store(group, topic.name, id, partition, next);
  }

  async check(): Promise<{ now?: number }> {
    await this.cluster.describe([]);
    return {};
  }

  async close(): Promise<void> {
    if (this.closed) return;
    await Promise.all([...this.readers].map((reader) => reader.close()));
    this.closed = true;
    await this.appender.close(CLOSE_PATIENCE_MS);
    this.fetcher.close();
    this.following.close();
    this.cluster.close();
  }
}

const MADE_ANEW = Symbol('made anew');

/** Throws LogRefused; nothing is appended then. */
function checkRecords(topic: Topic, records: readonly AppendRecord[]): void {
  if (records.length === 0) throw new LogRefused(`an append of no records to ${topic.name}`);
  for (const { key, value, headers } of records) {
    let bytes = key.length + value.length;
    if (headers !== undefined) for (const name of Object.keys(headers)) bytes += name.length + (headers[name] as string).length;
    if (bytes > topic.recordBytesMax) throw new LogRefused(`a record of ${bytes} bytes for ${topic.name}; at most ${topic.recordBytesMax}`);
  }
}
