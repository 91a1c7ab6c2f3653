import type { StorageClock } from '@heliograph/storage/clock';
import { Pace } from '@heliograph/storage/pace';
import { LogRefused, LogUnavailable, OffsetOutOfRange } from '../errors';
import type { Leader } from './cluster';
import { errorName, FETCH_SESSION_ID_NOT_FOUND, FETCH_SESSION_TOPIC_ID_ERROR, INVALID_FETCH_SESSION_EPOCH, isOtherTopic, isRefusal, OFFSET_OUT_OF_RANGE, OK } from './error-codes';
import { FETCH_BYTES_MAX, FETCH_PARTITION_BYTES, FETCH_WAIT_MS, PACE_BURST_COUNT, PACE_MS, RETRY_LONGEST_MS } from './limits';
import type { KafkaNotes } from './notes';
import type { PartitionReader } from './partition-reader';
import { BatchUnreadable, decodeBatches } from './record-batch';
import type { FetchAnswer, FetchedPartition, FetchPartition, FetchQuestion } from './requests';

/** What fetching needs of the cluster. */
export interface FetchTransport {
  leader(topic: string, partition: number): Leader | undefined;
  /** The topic's incarnation, as far as is known. */
  topicId(topic: string): string | undefined;
  /** On a connection of its own per slot: a broker holds it while there is nothing. Throws ConnectionLost, LogRefused. */
  fetch(node: number, slot: number, question: FetchQuestion): Promise<FetchAnswer>;
  /** The log's ends, from its leader. Throws LogUnavailable. */
  ends(topic: string, partition: number): Promise<{ earliest: bigint; next: bigint }>;
  /** Brings fresh leaders. */
  refresh(): Promise<void>;
  /** Told of each partition's end that went by. */
  seen(topic: string, partition: number, next: bigint): void;
}

/**
 * Fetches for all subscribers of a process: one request at a time to each broker, for all partitions that it leads, held by the broker
 * until one of them has something. It is an incremental fetch session (KIP-227): a request names only what changed since the last.
 * There is no consumer group: who reads what is the caller's to decide.
 */
export class Fetcher {
  private readonly sessions = new Map<string, FetchSession>();
  private readonly placed = new Map<PartitionReader, FetchSession>();
  private closed = false;

  constructor(private readonly transport: FetchTransport, private readonly clock: StorageClock, private readonly notes: KafkaNotes, private readonly paceMs = PACE_MS) {}

  /** Fetches for `reader` until it ends. */
  add(reader: PartitionReader): void {
    if (this.closed || !reader.open) return;
    const leader = this.transport.leader(reader.topic.name, reader.partition);
    if (leader === undefined) return void this.placeLater(reader, 'it has no leader');
    // A session holds a partition once; a second subscriber of it reads by another.
    for (let slot = 0; ; slot++) {
      const key = `${leader.node}/${slot}`;
      let session = this.sessions.get(key);
      if (session?.holds(reader) === true) continue;
      if (session === undefined) {
        session = new FetchSession(leader.node, slot, this.transport, this.clock, new Pace(this.paceMs, PACE_BURST_COUNT, this.clock), (failed, reason) => void this.placeLater(failed, reason), () => this.sessions.delete(key));
        this.sessions.set(key, session);
      }
      this.placed.set(reader, session);
      session.add(reader);
      return;
    }
  }

  remove(reader: PartitionReader): void {
    this.placed.get(reader)?.remove(reader);
    this.placed.delete(reader);
  }

  /** A full reader has room again. */
  resume(reader: PartitionReader): void {
    this.placed.get(reader)?.changed();
  }

  /** After a pause, with fresh leaders. */
  private async placeLater(reader: PartitionReader, reason: string): Promise<void> {
    this.remove(reader);
    if (this.closed || !reader.open) return;
    this.notes.info({ topic: reader.topic.name, partition: reader.partition, reason }, 'a partition is not fetched now; trying again');
    await this.clock.sleep(reader.pauseMs);
    reader.pauseMs = Math.min(reader.pauseMs * 2, RETRY_LONGEST_MS);
    await this.transport.refresh().catch(() => {});
    const id = this.transport.topicId(reader.topic.name);
    if (id !== undefined && id !== reader.topicId) return reader.fail(new LogUnavailable(`topic ${reader.topic.name} was made anew while it was read; begin again, in its new epoch`));
    this.add(reader);
  }

  close(): void {
    this.closed = true;
    for (const session of this.sessions.values()) session.close();
  }
}

/** What the broker's session holds of a partition. */
interface Held {
  offset: bigint;
  leaderEpoch: number;
}

/** One connection's fetches to one broker. */
class FetchSession {
  private readonly readers = new Map<string, PartitionReader>();
  private held = new Map<string, Held>();
  private sessionId = 0;
  private sessionEpoch = 0;
  private running = false;
  private closed = false;
  private wake: (() => void) | undefined;

  constructor(
    private readonly node: number,
    private readonly slot: number,
    private readonly transport: FetchTransport,
    private readonly clock: StorageClock,
    private readonly pace: Pace,
    private readonly onLost: (reader: PartitionReader, reason: string) => void,
    private readonly onIdle: () => void,
  ) {}

  holds(reader: PartitionReader): boolean {
    return this.readers.has(keyOf(reader.topicId, reader.partition));
  }

  add(reader: PartitionReader): void {
    this.readers.set(keyOf(reader.topicId, reader.partition), reader);
    this.changed();
  }

  remove(reader: PartitionReader): void {
    const key = keyOf(reader.topicId, reader.partition);
    if (this.readers.get(key) === reader) this.readers.delete(key);
    this.changed();
  }

  /** Somebody joined, left or has room. What is on its way goes on; the next fetch heeds it. */
  changed(): void {
    this.wake?.();
    if (this.running || this.closed) return;
    this.running = true;
    // Those who subscribe in one turn are in the first fetch together.
    setImmediate(() => void this.run());
  }

  close(): void {
    this.closed = true;
    this.wake?.();
  }

  private async run(): Promise<void> {
    while (!this.closed && this.readers.size > 0) {
      const question = this.question();
      if (question === undefined) {
        await new Promise<void>((resolve) => { this.wake = resolve; });
        this.wake = undefined;
        continue;
      }
      let answer: FetchAnswer;
      try {
        answer = await this.transport.fetch(this.node, this.slot, question);
      } catch (error) {
        this.begin();
        const refused = error instanceof LogRefused;
        for (const reader of [...this.readers.values()]) {
          if (refused) reader.fail(error);
          else this.onLost(reader, error instanceof Error ? error.message : String(error));
        }
        continue;
      }
      // A fetch that brought nothing has waited long enough.
      if (!this.take(answer)) continue;
      this.pace.begin();
      await this.pace.turn();
    }
    this.running = false;
    if (this.readers.size === 0) this.onIdle();
    else this.changed();
  }

  private begin(): void {
    this.sessionId = 0;
    this.sessionEpoch = 0;
    this.held = new Map();
  }

  /** What changed since the last fetch; undefined when nobody has room. */
  private question(): FetchQuestion | undefined {
    const topics = new Map<string, FetchPartition[]>();
    const forgotten = new Map<string, number[]>();
    let wanted = 0;
    for (const [key, reader] of this.readers) {
      if (reader.full) continue;
      wanted += 1;
      const leaderEpoch = this.transport.leader(reader.topic.name, reader.partition)?.leaderEpoch ?? -1;
      const held = this.held.get(key);
      if (held !== undefined && held.offset === reader.position && held.leaderEpoch === leaderEpoch) continue;
      this.held.set(key, { offset: reader.position, leaderEpoch });
      group(topics, reader.topicId, { index: reader.partition, leaderEpoch, offset: reader.position, bytesMax: FETCH_PARTITION_BYTES });
    }
    if (wanted === 0) return undefined;
    for (const key of this.held.keys()) {
      const reader = this.readers.get(key);
      if (reader !== undefined && !reader.full) continue;
      this.held.delete(key);
      const [id, index] = key.split('/') as [string, string];
      group(forgotten, id, Number(index));
    }
    const inSession = this.sessionId !== 0;
    return {
      waitMs: FETCH_WAIT_MS,
      bytesMax: FETCH_BYTES_MAX,
      sessionId: this.sessionId,
      sessionEpoch: this.sessionEpoch,
      topics: [...topics].map(([id, partitions]) => ({ id, partitions })),
      forgotten: inSession ? [...forgotten].map(([id, partitions]) => ({ id, partitions })) : [],
    };
  }

  /** Whether records came. */
  private take(answer: FetchAnswer): boolean {
    if (answer.code !== OK) {
      this.begin();
      if (answer.code !== FETCH_SESSION_ID_NOT_FOUND && answer.code !== INVALID_FETCH_SESSION_EPOCH && answer.code !== FETCH_SESSION_TOPIC_ID_ERROR) {
        for (const reader of [...this.readers.values()]) this.onLost(reader, errorName(answer.code));
      }
      return true;
    }
    const asked = this.held;
    if (answer.sessionId === 0) {
      // The broker has no room for a session: every fetch names all.
      this.begin();
    } else {
      this.sessionId = answer.sessionId;
      this.sessionEpoch = this.sessionEpoch === 0x7fffffff ? 1 : this.sessionEpoch + 1;
    }
    let came = false;
    for (const { id, partitions } of answer.topics) {
      for (const partition of partitions) {
        const key = keyOf(id, partition.index);
        const reader = this.readers.get(key);
        // An answer to somebody who left, for the one who came in his place: it is not from where this one reads.
        if (reader === undefined || asked.get(key)?.offset !== reader.position) continue;
        if (this.takePartition(reader, partition)) came = true;
      }
    }
    return came;
  }

  private takePartition(reader: PartitionReader, { code, highWatermark, batches }: FetchedPartition): boolean {
    if (code === OK) {
      if (highWatermark >= 0n) this.transport.seen(reader.topic.name, reader.partition, highWatermark);
      if (batches.length === 0) return false;
      try {
        const { records, next, bytes } = decodeBatches(batches, reader.position);
        reader.take(records, bytes, next);
        return records.length > 0;
      } catch (error) {
        if (!(error instanceof BatchUnreadable)) throw error;
        reader.fail(new LogUnavailable(`${reader.topic.name}/${reader.partition} can't be read: ${error.message}`));
        return false;
      }
    }
    if (code === OFFSET_OUT_OF_RANGE) void this.outOfRange(reader);
    else if (isRefusal(code)) reader.fail(new LogRefused(`Kafka refuses to give records of ${reader.topic.name}: ${errorName(code)}`));
    else this.onLost(reader, isOtherTopic(code) ? 'its broker does not know the topic' : errorName(code));
    return false;
  }

  /** Never goes on from elsewhere by itself: that would skip records. */
  private async outOfRange(reader: PartitionReader): Promise<void> {
    this.remove(reader);
    try {
      const { earliest, next } = await this.transport.ends(reader.topic.name, reader.partition);
      if (reader.position < earliest || reader.position > next) return reader.fail(new OffsetOutOfRange(reader.topic.name, reader.partition, reader.position, earliest, next));
      this.onLost(reader, 'its broker lags behind');
    } catch (error) {
      this.onLost(reader, error instanceof Error ? error.message : String(error));
    }
  }
}

const keyOf = (topicId: string, partition: number): string => `${topicId}/${partition}`;

function group<T>(map: Map<string, T[]>, key: string, item: T): void {
  const items = map.get(key);
  if (items === undefined) map.set(key, [item]);
  else items.push(item);
}
