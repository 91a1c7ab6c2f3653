import type { StorageClock } from '@heliograph/storage/clock';
import { LogUnavailable } from '../errors';
import type { AppendRecord, LogRecord, PlacedRecords } from '../event-log';
import { HANDED_AHEAD_RECORDS_MAX, HANDED_CALM_MS, HANDED_CALM_TURNS, HANDED_GAP_MS, HANDED_PROBE_MS, RETRY_FIRST_MS, RETRY_LONGEST_MS } from './limits';
import type { KafkaNotes } from './notes';
import type { PartitionReader } from './partition-reader';
import type { DecodedRecords } from './record-batch';

/** What following needs of the log. */
export interface FollowSource {
  /** What the partition holds from the reader's position on, now. Throws OffsetOutOfRange, LogUnavailable (try again), LogRefused. */
  read(reader: PartitionReader): Promise<DecodedRecords>;
  /** The next offset of each reader's partition, asked together; undefined where there was no answer. */
  ends(readers: readonly PartitionReader[]): Promise<(bigint | undefined)[]>;
  /** Whether the topic is, as far as is known, still the one that the reader reads. */
  isCurrent(reader: PartitionReader): boolean;
}

/** A reader, and what is known of its partition beyond its position. */
interface Followed {
  readonly reader: PartitionReader;
  /** Handed over, with something missing before them; by first offset. */
  readonly ahead: Map<bigint, readonly AppendRecord[]>;
  aheadRecords: number;
  /** The log holds records up to here at least. */
  end: bigint;
  /** The log is being asked. */
  reading: boolean;
  /** Something is missing, and gets its time to come. */
  waiting: boolean;
  /** Where the reader was at the last look at the log's end. */
  looked: bigint;
}

/**
 * Feeds readers of partitions whose records are handed over by whoever appended them, at the broker's acknowledgement: it names the place, and
 * records that stand where the reader is are the next ones, whoever hands them over. So no fetch is held open; the log is asked when something
 * is missing (HANDED_GAP_MS), when its end, looked at every HANDED_PROBE_MS where nothing comes, is further on, and when a reader begins.
 */
export class Following {
  private readonly followed = new Map<string, Followed>();
  private probing: { stop(): void } | undefined;
  private asking = false;
  private turn = 0;
  /** When a reader began, or what was not handed over was found; milliseconds of the clock. */
  private lastMissed = -Infinity;

  constructor(private readonly source: FollowSource, private readonly clock: StorageClock, private readonly notes: KafkaNotes) {}

  /** Whether the partition has a reader here, so that `add` would refuse another. */
  holds(topic: string, partition: number): boolean {
    return this.followed.has(keyOf(topic, partition));
  }

  /** Where the partition's reader here is; the log holds that much. */
  positionOf(topic: string, partition: number): bigint | undefined {
    return this.followed.get(keyOf(topic, partition))?.reader.position;
  }

  /** Feeds `reader` until it ends, from its position on. */
  add(reader: PartitionReader): void {
    if (!reader.open) return;
    const followed: Followed = { reader, ahead: new Map(), aheadRecords: 0, end: reader.position, reading: false, waiting: false, looked: -1n };
    this.followed.set(keyOf(reader.topic.name, reader.partition), followed);
    this.lastMissed = this.clock.now();
    this.probing ??= this.clock.every(HANDED_PROBE_MS, () => this.probe());
    void this.catchUp(followed);
  }

  remove(reader: PartitionReader): void {
    const key = keyOf(reader.topic.name, reader.partition);
    if (this.followed.get(key)?.reader === reader) this.followed.delete(key);
    if (this.followed.size === 0) this.close();
  }

  close(): void {
    this.probing?.stop();
    this.probing = undefined;
  }

  /** A full reader has room again. */
  resume(reader: PartitionReader): void {
    const followed = this.followed.get(keyOf(reader.topic.name, reader.partition));
    if (followed?.reader === reader) void this.catchUp(followed);
  }

  /** Records, and where they stand; from anybody, in any order, any number of times. */
  offer({ topic, incarnation, partition, firstOffset, records }: PlacedRecords): void {
    const followed = this.followed.get(keyOf(topic, partition));
    if (followed === undefined || !followed.reader.open) return;
    const { reader } = followed;
    // Not the topic that this reader reads: it was made anew, or somebody has not heard of it yet. The log knows.
    if (incarnation !== reader.topicId) return void this.catchUp(followed);
    const end = firstOffset + BigInt(records.length);
    if (end > followed.end) followed.end = end;
    if (end <= reader.position || reader.full) return;
    if (firstOffset > reader.position) {
      if (followed.aheadRecords + records.length <= HANDED_AHEAD_RECORDS_MAX && !followed.ahead.has(firstOffset)) {
        followed.ahead.set(firstOffset, records);
        followed.aheadRecords += records.length;
      }
      return this.awaitMissing(followed);
    }
    this.take(followed, firstOffset, records);
    this.takeAhead(followed);
  }

  /** Somebody learned that the partition holds records up to `next`. */
  sawEnd(topic: string, partition: number, next: bigint): void {
    const followed = this.followed.get(keyOf(topic, partition));
    if (followed === undefined) return;
    if (next > followed.end) followed.end = next;
    this.awaitMissing(followed);
  }

  private take({ reader }: Followed, firstOffset: bigint, records: readonly AppendRecord[]): void {
    const placed: LogRecord[] = [];
    let bytes = 0;
    let offset = firstOffset;
    for (const { key, value, headers } of records) {
      if (offset >= reader.position) {
        placed.push(headers === undefined ? { offset, key, value } : { offset, key, value, headers });
        bytes += key.length + value.length;
      }
      offset += 1n;
    }
    reader.take(placed, bytes, offset);
  }

  /** What has nothing missing before it any more. */
  private takeAhead(followed: Followed): void {
    const { reader, ahead } = followed;
    for (let moved = true; moved && ahead.size > 0 && !reader.full;) {
      moved = false;
      for (const [first, records] of ahead) {
        if (first > reader.position) continue;
        ahead.delete(first);
        followed.aheadRecords -= records.length;
        // In part or whole it may have been read meanwhile.
        if (first + BigInt(records.length) <= reader.position) continue;
        this.take(followed, first, records);
        moved = true;
      }
    }
    this.awaitMissing(followed);
  }

  /** What is missing is mostly on its way here. */
  private awaitMissing(followed: Followed): void {
    if (followed.waiting || followed.reading || followed.end <= followed.reader.position) return;
    followed.waiting = true;
    void this.clock.sleep(HANDED_GAP_MS).then(() => {
      followed.waiting = false;
      if (followed.end <= followed.reader.position) return;
      this.lastMissed = this.clock.now();
      void this.catchUp(followed);
    });
  }

  /** Reads on until there is nothing more. */
  private async catchUp(followed: Followed): Promise<void> {
    if (followed.reading) return;
    followed.reading = true;
    const { reader } = followed;
    for (let pause = RETRY_FIRST_MS; reader.open && !reader.full;) {
      const { end } = followed;
      let found: DecodedRecords;
      try {
        found = await this.source.read(reader);
      } catch (error) {
        if (!(error instanceof LogUnavailable) || !this.source.isCurrent(reader)) {
          reader.fail(error instanceof Error ? error : new LogUnavailable(String(error)));
          break;
        }
        this.notes.info({ topic: reader.topic.name, partition: reader.partition, reason: error.message }, 'a partition can not be read now; trying again');
        await this.clock.sleep(pause);
        pause = Math.min(pause * 2, RETRY_LONGEST_MS);
        continue;
      }
      if (!reader.open) break;
      this.takeRead(reader, found);
      this.takeAhead(followed);
      if (found.records.length > 0) continue;
      // Nothing is there. Who spoke of more before that was wrong; who did meanwhile is to be believed.
      if (followed.end === end) followed.end = reader.position;
      if (followed.end <= reader.position) break;
    }
    followed.reading = false;
  }

  /** Some may have been handed over meanwhile. */
  private takeRead(reader: PartitionReader, { records, bytes, next }: DecodedRecords): void {
    if (next <= reader.position) return;
    const first = records.findIndex(({ offset }) => offset >= reader.position);
    if (first === 0) return reader.take(records, bytes, next);
    const rest = first < 0 ? [] : records.slice(first);
    reader.take(rest, rest.reduce((sum, { key, value }) => sum + key.length + value.length, 0), next);
  }

  /** A partition that gets records needs no look: one that is missing among them leaves a gap. */
  private async probe(): Promise<void> {
    this.turn += 1;
    const asked: Followed[] = [];
    for (const followed of this.followed.values()) {
      const { reader: { position, full }, reading, looked } = followed;
      followed.looked = position;
      if (position === looked && !reading && !full) asked.push(followed);
    }
    if (asked.length === 0 || this.asking || (this.turn % HANDED_CALM_TURNS !== 0 && this.clock.now() - this.lastMissed > HANDED_CALM_MS)) return;
    this.asking = true;
    const positions = asked.map(({ reader }) => reader.position);
    const ends = await this.source.ends(asked.map(({ reader }) => reader)).catch(() => []);
    asked.forEach((followed, index) => {
      const end = ends[index];
      if (end === undefined) return;
      // Before where the reader was when it was asked: reading on tells what happened.
      if (end < (positions[index] as bigint)) return void this.catchUp(followed);
      if (end > followed.end) followed.end = end;
      this.awaitMissing(followed);
    });
    this.asking = false;
  }
}

const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`;
