import type { StorageClock } from '@heliograph/storage/clock';
import { Pace } from '@heliograph/storage/pace';
import { LogRefused, LogTimeout, LogUnavailable } from '../errors';
import type { Appended, AppendRecord, PlacedRecords, Topic } from '../event-log';
import { ConnectionLost } from './connection';
import { DUPLICATE_SEQUENCE_NUMBER, errorName, isRefusal, isSequenceLost, KAFKA_STORAGE_ERROR, NOT_ENOUGH_REPLICAS_AFTER_APPEND, OK, REQUEST_TIMED_OUT } from './error-codes';
import { inTime } from './in-time';
import { ANSWER_TIMEOUT_MS, APPEND_BUDGET_MS, APPEND_BYTES_WAITING_MAX, BATCH_BYTES_MAX, PACE_BURST_COUNT, PACE_MS, REQUEST_BYTES_MAX, RETRY_FIRST_MS, RETRY_LONGEST_MS } from './limits';
import { BATCH_HEADER_BYTES, encodeBatch, recordBytesInBatch } from './record-batch';

/** One partition's batch in a produce request. */
export interface OutgoingBatch {
  topic: string;
  partition: number;
  batch: Buffer;
}
export interface BatchAnswer {
  code: number;
  firstOffset: bigint;
  message: string;
  /** The topic's incarnation that took it, where the broker was asked for that one. */
  incarnation?: string | undefined;
}
export interface Producer {
  producerId: bigint;
  producerEpoch: number;
}

/** What appending needs of the cluster. */
export interface ProduceTransport {
  /** Node that takes a partition's records; undefined while that is not known. */
  leader(topic: string, partition: number): number | undefined;
  /** One request. Answers by partition, in the order of `batches`; undefined where the broker left one out. Throws ProduceFailed. */
  produce(node: number, acks: -1 | 1, batches: readonly OutgoingBatch[], timeoutMs: number): Promise<(BatchAnswer | undefined)[]>;
  /** A producer id that nobody had before. */
  newProducer(): Promise<Producer>;
  /** Brings fresh leaders. */
  refresh(): Promise<void>;
  /** Told where a batch stands, before its callers are. */
  placed?(placed: PlacedRecords): void;
}

/** A request that did not come to its end. */
export class ProduceFailed extends ConnectionLost {
  override readonly name = 'ProduceFailed';

  constructor(message: string, /** The broker may have it. */ readonly sent: boolean) {
    super(message);
  }
}

/** Records of one `append` that travel in one batch. */
interface Chunk {
  readonly records: readonly AppendRecord[];
  readonly bytes: number;
  /** Milliseconds of `performance.now()`. */
  readonly deadline: number;
  resolve(firstOffset: bigint): void;
  reject(error: Error): void;
}

/** A batch on its way: the same bytes, until the broker has told its fate. */
interface Flight {
  readonly chunks: readonly Chunk[];
  readonly records: number;
  readonly deadline: number;
  batch: Buffer;
  /** The broker may have it. */
  sent: boolean;
}

/** One partition: at most one batch is on its way, so records never change their order. */
interface Lane {
  readonly topic: Topic;
  readonly partition: number;
  readonly waiting: Chunk[];
  flight: Flight | undefined;
  /** Who numbers its batches, and the number of the next record. Undefined: the next batch begins a numbering with another producer id. */
  numbering: (Producer & { next: number }) | undefined;
  /** The producer id that must not be used again here: what the broker has of it is not known. */
  spentProducer: bigint | undefined;
  /** In a broker's queue, in a request, or pausing before it is tried again. */
  busy: boolean;
  pauseMs: number;
}

/** A broker: one request at a time, with what waits for any of its partitions. */
interface Sender {
  readonly node: number;
  queue: Lane[];
  inRequest: boolean;
  scheduled: boolean;
  readonly pace: Pace;
}

/** Codes after which the records may be in the log all the same. */
const PERHAPS_WRITTEN: ReadonlySet<number> = new Set([REQUEST_TIMED_OUT, NOT_ENOUGH_REPLICAS_AFTER_APPEND, KAFKA_STORAGE_ERROR]);

/**
 * Appends: groups what waits for a broker into one request, one request at a time. Batches of durable topics are numbered (KIP-98, an
 * idempotent producer), so that one whose answer got lost is repeated without doubling it.
 *
 * What can't be told within the budget ends as LogTimeout, and its numbering with it: the broker would refuse what comes after a gap.
 * Should the broker take it later all the same, it stands behind newer records, as any append with an unknown outcome may.
 */
export class Appender {
  private readonly lanes = new Map<string, Lane>();
  private readonly senders = new Map<number, Sender>();
  private waitingBytes = 0;
  private producer: Producer | undefined;
  private producerComing: Promise<Producer> | undefined;
  private closed = false;
  private readonly budgetMs: number;
  private readonly paceMs: number;

  constructor(private readonly transport: ProduceTransport, private readonly clock: StorageClock, options: { paceMs?: number | undefined; budgetMs?: number } = {}) {
    this.budgetMs = options.budgetMs ?? APPEND_BUDGET_MS;
    this.paceMs = options.paceMs ?? PACE_MS;
  }

  /** As EventLog.append, of records that were found acceptable. */
  append(topic: Topic, partition: number, records: readonly AppendRecord[]): Appended {
    if (this.closed) return failedAppend(new LogUnavailable('the log is closed'));
    const parts = split(records);
    let bytes = 0;
    for (const part of parts) bytes += part.bytes;
    if (this.waitingBytes + bytes > APPEND_BYTES_WAITING_MAX) {
      return failedAppend(new LogUnavailable(`${this.waitingBytes} bytes wait for Kafka, and more than ${APPEND_BYTES_WAITING_MAX} are not held: it takes less than is written. This append was not begun`));
    }
    this.waitingBytes += bytes;
    const lane = this.lane(topic, partition);
    const deadline = performance.now() + this.budgetMs;
    const places = parts.map((part) => new Promise<bigint>((resolve, reject) => {
      lane.waiting.push({ ...part, deadline, resolve, reject });
    }));
    this.wake(lane);
    const firstOffset = places[0] as Promise<bigint>;
    const durable = places.length === 1 ? firstOffset.then(nothing) : Promise.all(places).then(nothing);
    for (const place of places) place.catch(nothing);
    durable.catch(nothing);
    return { firstOffset, durable };
  }

  private lane(topic: Topic, partition: number): Lane {
    const key = `${topic.name}/${partition}`;
    let lane = this.lanes.get(key);
    if (lane === undefined) {
      lane = { topic, partition, waiting: [], flight: undefined, numbering: undefined, spentProducer: undefined, busy: false, pauseMs: RETRY_FIRST_MS };
      this.lanes.set(key, lane);
    }
    return lane;
  }

  // ── ways to the broker ─────────────────────────────────────────────────────────────────────────────────────────────

  /** Puts the lane into its broker's queue, unless it is on its way or has nothing. */
  private wake(lane: Lane): void {
    if (lane.busy || (lane.flight === undefined && lane.waiting.length === 0)) return;
    lane.busy = true;
    if (lane.topic.durability === 'durable' && lane.numbering === undefined && !this.beginNumbering(lane)) return;
    const node = this.transport.leader(lane.topic.name, lane.partition);
    if (node === undefined) return void this.tryLater(lane, `${lane.topic.name}/${lane.partition} has no leader`);
    let sender = this.senders.get(node);
    if (sender === undefined) {
      sender = { node, queue: [], inRequest: false, scheduled: false, pace: new Pace(this.paceMs, PACE_BURST_COUNT, this.clock) };
      this.senders.set(node, sender);
    }
    sender.queue.push(lane);
    this.schedule(sender);
  }

  /** False: the lane goes on when there is a producer id. */
  private beginNumbering(lane: Lane): boolean {
    if (this.producer?.producerId === lane.spentProducer) this.producer = undefined;
    if (this.producer !== undefined) {
      lane.numbering = { ...this.producer, next: 0 };
      lane.spentProducer = this.producer.producerId;
      if (lane.flight !== undefined) lane.flight.batch = this.encode(lane, lane.flight.chunks);
      return true;
    }
    this.producerComing ??= this.transport.newProducer().then((producer) => {
      this.producer = producer;
      return producer;
    }).finally(() => { this.producerComing = undefined; });
    this.producerComing.then(() => {
      lane.busy = false;
      this.wake(lane);
    }, (error: unknown) => this.tryLater(lane, reasonOf(error)));
    return false;
  }

  /** At the end of this turn of the event loop, or when its pace allows. */
  private schedule(sender: Sender): void {
    if (sender.inRequest || sender.scheduled || sender.queue.length === 0) return;
    sender.scheduled = true;
    const send = (): void => {
      sender.scheduled = false;
      void this.send(sender);
    };
    if (sender.pace.waitMs <= 0) setImmediate(send);
    else void sender.pace.turn().then(send);
  }

  private async send(sender: Sender): Promise<void> {
    const now = performance.now();
    const lanes: Lane[] = [];
    const batches: OutgoingBatch[] = [];
    let bytes = 0;
    let acks: -1 | 1 = 1;
    let deadline = Infinity;
    while (sender.queue.length > 0 && bytes < REQUEST_BYTES_MAX) {
      const lane = sender.queue.shift() as Lane;
      lane.flight ??= this.board(lane);
      lanes.push(lane);
      batches.push({ topic: lane.topic.name, partition: lane.partition, batch: lane.flight.batch });
      bytes += lane.flight.batch.length;
      if (lane.topic.durability === 'durable') acks = -1;
      deadline = Math.min(deadline, lane.flight.deadline);
    }
    sender.pace.begin();
    sender.inRequest = true;
    try {
      const answers = await this.transport.produce(sender.node, acks, batches, Math.max(1, Math.min(ANSWER_TIMEOUT_MS, deadline - now)));
      lanes.forEach((lane, index) => this.take(lane, answers[index]));
    } catch (error) {
      for (const lane of lanes) {
        if (!(error instanceof ProduceFailed) || error.sent) (lane.flight as Flight).sent = true;
        void this.tryLater(lane, reasonOf(error));
      }
    }
    sender.inRequest = false;
    this.schedule(sender);
  }

  /** The next batch of a lane: what waits, as much as fits. */
  private board(lane: Lane): Flight {
    let bytes = BATCH_HEADER_BYTES;
    let count = 0;
    let records = 0;
    for (const chunk of lane.waiting) {
      if (count > 0 && bytes + chunk.bytes > BATCH_BYTES_MAX) break;
      bytes += chunk.bytes;
      records += chunk.records.length;
      count += 1;
    }
    const chunks = lane.waiting.splice(0, count);
    return { chunks, records, deadline: (chunks[0] as Chunk).deadline, batch: this.encode(lane, chunks), sent: false };
  }

  private encode(lane: Lane, chunks: readonly Chunk[]): Buffer {
    const { numbering } = lane;
    return encodeBatch(recordsOf(chunks), this.clock.now(), numbering === undefined ? undefined : { ...numbering, sequence: numbering.next });
  }

  // ── answers ────────────────────────────────────────────────────────────────────────────────────────────────────────

  private take(lane: Lane, answer: BatchAnswer | undefined): void {
    const flight = lane.flight as Flight;
    const where = `${lane.topic.name}/${lane.partition}`;
    if (answer?.code === OK) {
      const { incarnation, firstOffset } = answer;
      if (incarnation !== undefined) this.transport.placed?.({ topic: lane.topic.name, incarnation, partition: lane.partition, firstOffset, records: recordsOf(flight.chunks) });
      let offset = firstOffset;
      for (const chunk of flight.chunks) {
        this.waitingBytes -= chunk.bytes;
        chunk.resolve(offset);
        offset += BigInt(chunk.records.length);
      }
      this.goOn(lane, flight.records);
    } else if (answer?.code === DUPLICATE_SEQUENCE_NUMBER) {
      this.fail(flight.chunks, new LogTimeout(`an append to ${where} was written, and Kafka does not tell any more at which offset`));
      this.goOn(lane, flight.records);
    } else if (answer !== undefined && isRefusal(answer.code)) {
      this.fail(flight.chunks, new LogRefused(`Kafka refuses an append to ${where}: ${errorName(answer.code)} ${answer.message}`));
      this.goOn(lane, 0);
    } else {
      if (answer === undefined || PERHAPS_WRITTEN.has(answer.code)) flight.sent = true;
      else if (isSequenceLost(answer.code)) lane.numbering = undefined;
      void this.tryLater(lane, answer === undefined ? 'no answer for its partition' : `${errorName(answer.code)} ${answer.message}`);
    }
  }

  /** The flight is over; `written` records of it took a number. */
  private goOn(lane: Lane, written: number): void {
    // The numbers of a producer are 31 bits and begin again at 0.
    if (lane.numbering !== undefined) lane.numbering.next = (lane.numbering.next + written) % 2 ** 31;
    lane.flight = undefined;
    lane.pauseMs = RETRY_FIRST_MS;
    lane.busy = false;
    this.wake(lane);
  }

  private fail(chunks: readonly Chunk[], error: Error): void {
    for (const chunk of chunks) {
      this.waitingBytes -= chunk.bytes;
      chunk.reject(error);
    }
  }

  /** After a pause and with fresh leaders, what is not over its budget is tried again. */
  private async tryLater(lane: Lane, reason: string): Promise<void> {
    await this.clock.sleep(lane.pauseMs);
    lane.pauseMs = Math.min(lane.pauseMs * 2, RETRY_LONGEST_MS);
    const { flight } = lane;
    const deadline = flight?.deadline ?? lane.waiting[0]?.deadline ?? 0;
    await inTime(this.clock, Math.max(0, deadline - performance.now()), this.transport.refresh().catch(nothing), nothing);
    const now = this.closed ? Infinity : performance.now();
    const where = `${lane.topic.name}/${lane.partition}`;
    if (flight !== undefined && flight.deadline <= now) {
      this.fail(flight.chunks, flight.sent
        ? new LogTimeout(`an append to ${where} may have happened or not: ${reason}`)
        : new LogUnavailable(`an append to ${where} was not done: ${reason}`));
      lane.flight = undefined;
      if (flight.sent) lane.numbering = undefined;
    }
    if (lane.flight === undefined) {
      const late = lane.waiting.findIndex(({ deadline }) => deadline > now);
      this.fail(lane.waiting.splice(0, late < 0 ? lane.waiting.length : late), new LogUnavailable(`an append to ${where} was not done: ${reason}`));
    }
    lane.busy = false;
    this.wake(lane);
  }

  /** Takes nothing more; what waits is still tried for `patienceMs`, then fails. */
  async close(patienceMs: number): Promise<void> {
    const until = performance.now() + patienceMs;
    this.closed = true;
    while (this.waitingBytes > 0 && performance.now() < until) await this.clock.sleep(5);
    for (const lane of this.lanes.values()) {
      const open = [...lane.flight?.chunks ?? [], ...lane.waiting.splice(0)];
      for (const chunk of open) chunk.reject(new LogTimeout('the log was closed before Kafka answered'));
    }
  }
}

/** Parts of an append, each small enough for one batch. */
function split(records: readonly AppendRecord[]): { records: readonly AppendRecord[]; bytes: number }[] {
  const parts: { records: AppendRecord[]; bytes: number }[] = [];
  let total = 0;
  for (const record of records) total += recordBytesInBatch(record);
  if (total <= BATCH_BYTES_MAX - BATCH_HEADER_BYTES) return [{ records, bytes: total }];
  for (const record of records) {
    const bytes = recordBytesInBatch(record);
    const part = parts.at(-1);
    if (part !== undefined && part.bytes + bytes <= BATCH_BYTES_MAX - BATCH_HEADER_BYTES) {
      part.records.push(record);
      part.bytes += bytes;
    } else {
      parts.push({ records: [record], bytes });
    }
  }
  return parts;
}

const recordsOf = (chunks: readonly Chunk[]): readonly AppendRecord[] => (chunks.length === 1 ? (chunks[0] as Chunk).records : chunks.flatMap((chunk) => chunk.records));

const nothing = (): void => {};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** An append that failed at once. */
export function failedAppend(error: Error): Appended {
  const failed = Promise.reject<never>(error);
  failed.catch(nothing);
  return { firstOffset: failed, durable: failed };
}
