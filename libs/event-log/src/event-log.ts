/** The event-log port: partitioned append-only topics. Production: Kafka. Embedded: the same LMDB environment as storage. */

export interface Topic {
  /** kebab-case */
  name: string;
  partitions: number;
  /**
   * `durable`: an acknowledged record survives kill −9 (Kafka acks=all). `volatile`: may vanish with the process; only for
   * events whose loss another rule repairs (clients repair gaps by pts). Embedded keeps volatile topics in memory.
   */
  durability: 'durable' | 'volatile';
  /** How long records are kept at least; embedded trims below every stored position past it. */
  retentionMs: number;
  /** Bytes of one record at the most (asserted on append). */
  recordBytesMax: number;
}

export interface LogRecord {
  offset: bigint;
  key: string;
  value: Uint8Array;
  headers?: Record<string, string>;
}
export interface AppendRecord {
  key: string;
  value: Uint8Array;
  headers?: Record<string, string>;
}

export interface Appended {
  /** Offset of the first record, when the log has ordered it. Kafka: known at the acknowledgement. Embedded: at once. */
  readonly firstOffset: Promise<bigint>;
  /**
   * Resolves when all are durable. NOTE: embedded delivers a record to its consumers *before* it is durable, because log
   * and storage share one commit order: no row written after a record was seen can become durable before that record.
   */
  readonly durable: Promise<void>;
}

export interface RecordBatch {
  records: LogRecord[];
  /** Resolves when every record of the batch is durable (at once on Kafka). */
  durable: Promise<void>;
}

export interface Subscription {
  /** Resolves when it stopped: with the error that stopped it (OffsetOutOfRange: it fell behind what the log holds; LogUnavailable), with undefined after `close`. */
  readonly ended: Promise<Error | undefined>;
  /** Stops; resolves when the handler is not running any more. */
  close(): Promise<void>;
}

export interface SubscribeOptions {
  /** The epoch that `from` is of. A topic that was made anew since then is refused with LogUnavailable; without it, its records are read from `from` on. */
  epoch?: number;
  /**
   * Nearly every record is appended by this process or given to `hand`: the log is asked only for what comes neither way, and is found to have it
   * HANDED_CALM_TURNS times HANDED_PROBE_MS later, or somewhat more. The same records in the same order; a log that has no such way reads as ever.
   */
  handed?: boolean;
}

/** Records that are durable, and where they stand. */
export interface PlacedRecords {
  readonly topic: string;
  /** Of the topic: another one when it was made anew. */
  readonly incarnation: string;
  readonly partition: number;
  readonly firstOffset: bigint;
  readonly records: readonly AppendRecord[];
}

/** Errors: LogUnavailable, LogTimeout (unknown), OffsetOutOfRange (from `read`/`subscribe`: a stored position the log no longer holds, or never held). */
export interface EventLog {
  ensureTopics(topics: readonly Topic[]): Promise<void>;
  /** Raised whenever the topic was made anew, so that (epoch, offset) rises for ever. */
  epoch(topic: Topic): Promise<number>;
  /** Records must not be changed afterwards. A refused append (too large, unknown topic) rejects both promises. */
  append(topic: Topic, partition: number, records: readonly AppendRecord[]): Appended;
  read(topic: Topic, partition: number, from: bigint, limit: number): Promise<LogRecord[]>;
  /**
   * Calls `handler` with batches in order, one at a time (the next only after it resolved), from `from` on. At least once:
   * a batch whose handler rejected is given again after a pause.
   */
  subscribe(topic: Topic, partition: number, from: bigint, handler: (batch: RecordBatch) => Promise<void>, options?: SubscribeOptions): Promise<Subscription>;
  /**
   * Tells who reads that partition here `handed` of records that another process was told the place of. Best effort, in any order, repeated or not:
   * what is lost is read from the log. What it says must be true. Absent where the log has no such way.
   */
  hand?(placed: PlacedRecords): void;
  /** Tells of every batch that this process appended to a durable topic, when its place is known, for `hand` elsewhere. Absent as `hand`. */
  onPlaced?(listener: (placed: PlacedRecords) => void): void;
  /** earliest: first offset held. next: the offset that the next append gets. */
  bounds(topic: Topic, partition: number): Promise<{ earliest: bigint; next: bigint }>;
  /** Position = next offset that the group wants. */
  findPosition(group: string, topic: Topic, partition: number): Promise<bigint | undefined>;
  storePosition(group: string, topic: Topic, partition: number, next: bigint): Promise<void>;
  /**
   * Asks the engine whether it answers, and what its clock shows (Unix milliseconds, where it tells). Rejects as other requests do.
   * Absent where the store is part of this process.
   */
  check?(): Promise<{ now?: number }>;
  close(): Promise<void>;
}
