import { LogUnavailable, OffsetOutOfRange } from '@heliograph/event-log/errors';
import type { Appended, AppendRecord, EventLog, PlacedRecords, RecordBatch, SubscribeOptions, Subscription, Topic } from '@heliograph/event-log/event-log';
import { Following } from '@heliograph/event-log/kafka/following';
import { SILENT } from '@heliograph/event-log/kafka/notes';
import { PartitionReader } from '@heliograph/event-log/kafka/partition-reader';
import type { Clock } from '@heliograph/service-kit/kit';
import { StorageTimeout } from '@heliograph/storage/errors';
import type { RangeQuery, Storage, WriteOperation } from '@heliograph/storage/storage';
import type { Table } from '@heliograph/storage/table';
import { BOX_UPDATES } from '@heliograph/message-store/engine/topics';
import type { DataCenter } from './data-center';
import type { Oracle } from './oracle';
import type { Random } from './random';
import type { Scheduler } from './scheduler';

/** Labels of requests that are on their way and may arrive although the sender is dead. */
export const ON_THE_WAY = 'request';

/** What goes wrong between a process and its stores, each the share of requests. Only where they are separate. */
export interface Faults {
  /** Answered with an error, nothing done. */
  refused: number;
  /** Answered with an error, all or a part done (then or later). */
  unknown: number;
  /** Appended twice. */
  repeated: number;
}
export const NO_FAULTS: Faults = { refused: 0, unknown: 0, repeated: 0 };
/** Share of records handed to another process that never arrive, that arrive late, that arrive twice. */
const HANDS = { lost: 0.3, late: 0.2, twice: 0.2 };

/** The ports of one process. After `dead` nothing of it is answered any more. */
export class NodePorts {
  dead = false;
  private readonly tables: Storage;
  private readonly log: EventLog | undefined;
  private readonly following: Following;

  constructor(
    private readonly owner: object,
    private readonly dc: DataCenter,
    private readonly scheduler: Scheduler,
    private readonly random: Random,
    private readonly oracle: Oracle,
    public faults: Faults,
    /** A defect: what is handed over is taken for what comes next. */
    private readonly blindHands = false,
  ) {
    const { storage, eventLog } = dc.open(this.clock);
    this.tables = storage;
    this.log = eventLog;
    const hasMore = ({ topic, partition, position }: PartitionReader): boolean => BigInt(dc.partition(topic, partition).records.length) !== position;
    this.following = new Following({
      read: (reader) => this.fetch('fetch', hasMore(reader), () => {
        const { topic, partition, position } = reader;
        const next = BigInt(dc.partition(topic, partition).records.length);
        if (position > next) throw new OffsetOutOfRange(topic.name, partition, position, 0n, next);
        const records = dc.read(topic, partition, position, this.random.between(1, 8));
        return { records, bytes: records.reduce((sum, { key, value }) => sum + key.length + value.length, 0), next: position + BigInt(records.length) };
      }),
      ends: (readers) => this.fetch('ends', readers.some(hasMore), () => readers.map(({ topic, partition }) => (this.random.chance(0.1) ? undefined : BigInt(dc.partition(topic, partition).records.length)))),
      isCurrent: ({ topic, topicId }) => topicId === this.incarnation(topic),
    }, this.clock, SILENT);
    dc.processes.add(this);
  }

  readonly clock: Clock = {
    now: () => this.scheduler.now,
    sleep: (ms) => new Promise((resolve) => { if (!this.dead) this.scheduler.after(ms, this.owner, resolve); }),
    every: (ms, task) => this.scheduler.every(ms, this.owner, () => { if (!this.dead) void task(); }),
  };

  // ── storage ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private read<T>(label: string, answer: () => Promise<T>): Promise<T> {
    if (this.dc.kind === 'embedded' && this.random.chance(0.7)) return this.dead ? new Promise(() => {}) : answer();
    return this.ask(label, answer);
  }

  /** A request that is answered some time: does it, then answers, in one action. */
  private ask<T>(label: string, task: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.dead) return;
      this.scheduler.later(this.owner, label, () => {
        if (this.dead) return;
        if (this.dc.kind === 'separate' && this.random.chance(this.faults.refused)) reject(new StorageTimeout('no answer'));
        else task().then(resolve, reject);
      });
    });
  }

  private write(operations: readonly WriteOperation[], write: (operations: readonly WriteOperation[]) => Promise<void>, atomic: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.dead) return;
      this.oracle.rows(operations);
      const { dc, scheduler, random } = this;
      const answer = (): void => {
        this.oracle.rowsDurable(operations);
        if (!this.dead) resolve();
      };
      if (dc.kind === 'embedded') {
        write(operations).then(answer, () => {});
        return;
      }
      // A batch that isn't atomic is done piece by piece, in any order.
      const pieces = atomic ? [operations] : pieceUp(random, operations);
      const fate = random.next();
      const refused = fate < this.faults.refused;
      const unknown = !refused && fate < this.faults.refused + this.faults.unknown;
      let left = pieces.length;
      for (const piece of pieces) {
        // Refused: nothing of it. Unknown: any part of it, before or after the error.
        if (refused || (unknown && random.chance(0.3))) {
          left -= 1;
          continue;
        }
        scheduler.later(this.owner, ON_THE_WAY, () => {
          write(piece).catch(reject);
          left -= 1;
          if (left === 0 && !refused && !unknown) scheduler.later(this.owner, 'written', answer);
        });
      }
      if (refused || unknown) scheduler.later(this.owner, 'write fails', () => { if (!this.dead) reject(new StorageTimeout('no answer')); });
    });
  }

  readonly storage = {
    get: (table: Table, key: never) => this.read('get', () => this.tables.get(table, key)),
    getMany: (table: Table, keys: never) => this.read('get', () => this.tables.getMany(table, keys)),
    range: (table: Table, partition: never, query: RangeQuery<Table>) => this.read('range', () => this.tables.range(table, partition, query)),
    put: (table: Table, row: Record<string, unknown>, options: { version?: bigint } = {}) => {
      return this.write([{ kind: 'put', table, row, version: options.version }], (operations) => this.tables.batch(operations), true);
    },
    batch: (operations: readonly WriteOperation[]) => this.write(operations, (piece) => this.tables.batch(piece), false),
    atomicBatch: (operations: readonly WriteOperation[]) => this.write(operations, (piece) => this.tables.atomicBatch(piece), true),
    ensureTables: () => Promise.resolve(),
    close: () => Promise.resolve(),
  } as unknown as Storage;

  // ── log ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private append(topic: Topic, index: number, records: readonly AppendRecord[]): Appended {
    if (this.dead) return { firstOffset: new Promise(() => {}), durable: new Promise(() => {}) };
    const { dc } = this;
    if (topic.name !== BOX_UPDATES.name) this.oracle.append(records, dc.kind === 'separate' ? (box, version) => dc.holds(box, version) : undefined);
    if (this.log !== undefined) {
      const appended = this.log.append(topic, index, records);
      appended.durable.then(() => this.oracle.confirm(records), () => {});
      dc.entered(topic, index, records);
      return appended;
    }
    if (topic.name === BOX_UPDATES.name) return { firstOffset: Promise.resolve(dc.append(topic, index, records)), durable: Promise.resolve() };
    return this.appendSeparately(topic, index, records);
  }

  private appendSeparately(topic: Topic, index: number, records: readonly AppendRecord[]): Appended {
    const { dc, scheduler, random } = this;
    const offset = new Promise<bigint>((resolve, reject) => {
      const fate = random.next();
      const { refused, unknown, repeated } = this.faults;
      const fail = (): void => scheduler.later(this.owner, 'append fails', () => { if (!this.dead) reject(new Error('the log gave no answer')); });
      if (fate < refused) return fail();
      scheduler.later(this.owner, ON_THE_WAY, () => {
        const first = dc.append(topic, index, records);
        if (fate > 1 - repeated) scheduler.later(this.owner, ON_THE_WAY, () => { dc.append(topic, index, records); });
        if (fate < refused + unknown) return;
        scheduler.later(this.owner, 'appended', () => {
          if (this.dead) return;
          this.handOut({ topic: topic.name, incarnation: this.incarnation(topic), partition: index, firstOffset: first, records });
          resolve(first);
        });
      });
      if (fate < refused + unknown) fail();
    });
    return { firstOffset: offset, durable: offset.then(() => undefined) };
  }

  private incarnation(topic: Topic): string {
    return `${topic.name}@${this.dc.epoch}`;
  }

  /** The log is asked something. Most of the time there is no news, which takes no step: a run has only so many. */
  private fetch<T>(label: string, news: boolean, answer: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.dead) return;
      if (!news && this.random.chance(0.9)) return resolve(answer());
      this.scheduler.later(this.owner, label, () => {
        if (this.dead) return;
        if (this.random.chance(this.faults.refused)) return reject(new LogUnavailable('no answer'));
        try {
          resolve(answer());
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }

  /** What has its place goes to whoever follows that partition: here, and in the other processes. */
  private handOut(placed: PlacedRecords): void {
    this.take(placed);
    for (const other of this.dc.processes) {
      if (other.dead) this.dc.processes.delete(other);
      if (other.dead || other === this || this.random.chance(HANDS.lost)) continue;
      const arrive = (): void => other.take(placed);
      for (let times = this.random.chance(HANDS.twice) ? 2 : 1; times > 0; times -= 1) {
        if (this.random.chance(HANDS.late)) this.scheduler.after(this.random.between(1, 3_000), other.owner, arrive);
        else this.scheduler.later(other.owner, 'hand', arrive);
      }
    }
  }

  private take(placed: PlacedRecords): void {
    if (this.dead) return;
    const { topic, partition } = placed;
    this.following.offer(this.blindHands ? { ...placed, firstOffset: this.following.positionOf(topic, partition) ?? placed.firstOffset } : placed);
  }

  /** As the adapter for Kafka does it: the same parts on another log. */
  private follow(topic: Topic, index: number, from: bigint, handler: (batch: RecordBatch) => Promise<void>): Subscription {
    const handed = (batch: RecordBatch): Promise<void> => (this.dead ? new Promise(() => {}) : handler(batch));
    const reader: PartitionReader = new PartitionReader(topic, this.incarnation(topic), index, from, handed, this.clock, (full) => this.following.resume(full), (ended) => this.following.remove(ended));
    this.following.add(reader);
    return reader;
  }

  /** Records come some time after they are there, a few at a time. */
  private subscribeSeparately(topic: Topic, index: number, from: bigint, handler: (batch: RecordBatch) => Promise<void>): Subscription {
    const { dc, scheduler } = this;
    let position = from;
    let running = false;
    let closed = false;
    let ended: (() => void) | undefined;
    const wake = (): void => {
      if (running || closed || this.dead || BigInt(dc.partition(topic, index).records.length) <= position) return;
      running = true;
      scheduler.later(this.owner, 'deliver', () => {
        const records = dc.read(topic, index, position, this.random.between(1, 8));
        const rest = (): void => {
          running = false;
          ended?.();
        };
        if (closed || this.dead || records.length === 0) return rest();
        handler({ records, durable: Promise.resolve() }).then(() => {
          position += BigInt(records.length);
          rest();
          wake();
        }, rest);
      });
    };
    dc.listeners.push((where, partition) => { if (where.name === topic.name && partition === index) wake(); });
    wake();
    return {
      ended: new Promise(() => {}),
      close: () => {
        closed = true;
        return running ? new Promise((resolve) => { ended = resolve; }) : Promise.resolve();
      },
    };
  }

  private subscribe(topic: Topic, index: number, from: bigint, handler: (batch: RecordBatch) => Promise<void>, { handed }: SubscribeOptions = {}): Promise<Subscription> {
    if (this.log === undefined && handed === true) return Promise.resolve(this.follow(topic, index, from, handler));
    if (this.log === undefined) return Promise.resolve(this.subscribeSeparately(topic, index, from, handler));
    // The adapter hands records over at once; let other things happen between now and then.
    return this.log.subscribe(topic, index, from, (batch) => new Promise((resolve, reject) => {
      // Rejects when the process dies: nobody is left to hear it.
      batch.durable.catch(() => {});
      const hand = (): void => { if (!this.dead) handler(batch).then(resolve, reject); };
      if (this.random.chance(0.5)) hand();
      else this.scheduler.later(this.owner, 'deliver', hand);
    }));
  }

  readonly eventLog = {
    ensureTopics: (topics: readonly Topic[]) => this.log?.ensureTopics(topics) ?? Promise.resolve(),
    epoch: (topic: Topic) => this.log?.epoch(topic) ?? Promise.resolve(this.dc.epoch),
    append: (topic: Topic, index: number, records: readonly AppendRecord[]) => this.append(topic, index, records),
    subscribe: (topic: Topic, index: number, from: bigint, handler: (batch: RecordBatch) => Promise<void>, options?: SubscribeOptions) => this.subscribe(topic, index, from, handler, options),
    bounds: (topic: Topic, index: number) => {
      return this.log?.bounds(topic, index) ?? this.ask('bounds', () => {
        const next = BigInt(this.dc.partition(topic, index).records.length);
        this.following.sawEnd(topic.name, index, next);
        return Promise.resolve({ earliest: 0n, next });
      });
    },
    findPosition: (group: string, topic: Topic, index: number) => {
      return this.log?.findPosition(group, topic, index) ?? Promise.resolve(this.dc.positions.get(`${group}/${topic.name}/${index}`));
    },
    storePosition: (group: string, topic: Topic, index: number, next: bigint) => {
      if (this.dead) return new Promise<void>(() => {});
      if (this.log !== undefined) return this.log.storePosition(group, topic, index, next);
      this.dc.positions.set(`${group}/${topic.name}/${index}`, next);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  } as unknown as EventLog;
}

function pieceUp(random: Random, operations: readonly WriteOperation[]): WriteOperation[][] {
  const shuffled = random.shuffle(operations);
  const pieces: WriteOperation[][] = [];
  while (shuffled.length > 0) pieces.push(shuffled.splice(0, random.between(1, 4)));
  return pieces;
}
