import type { StorageClock } from '@heliograph/storage/clock';
import type { LogRecord, RecordBatch, Subscription, Topic } from '../event-log';
import { BATCH_BYTES_MAX, READ_RECORDS_MAX, REDELIVERY_MS } from '../limits';
import { FETCHED_BYTES_MAX, RETRY_FIRST_MS } from './limits';

/** Kafka hands out records only when they are durable. */
const DURABLE: Promise<void> = Promise.resolve();

/** One subscriber of a partition: holds what was fetched for it, and hands it over in order, one batch at a time. */
export class PartitionReader implements Subscription {
  readonly ended: Promise<Error | undefined>;
  /** Wants no more for now: its handler is behind. */
  full = false;
  pauseMs = RETRY_FIRST_MS;
  private end!: (error: Error | undefined) => void;
  private queue: LogRecord[] = [];
  private head = 0;
  private queuedBytes = 0;
  private running = false;
  private closing = false;
  private failure: Error | undefined;
  private readonly stop = new AbortController();

  /** @param position next offset to fetch @param onRoom told when a full reader wants more again @param onEnd told once, when it stops */
  constructor(
    readonly topic: Topic,
    readonly topicId: string,
    readonly partition: number,
    public position: bigint,
    private readonly handler: (batch: RecordBatch) => Promise<void>,
    private readonly clock: StorageClock,
    private readonly onRoom: (reader: PartitionReader) => void,
    private readonly onEnd: (reader: PartitionReader) => void,
  ) {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  get open(): boolean {
    return !this.closing && this.failure === undefined;
  }

  /** Takes what was fetched from `position` on. */
  take(records: readonly LogRecord[], bytes: number, next: bigint): void {
    this.pauseMs = RETRY_FIRST_MS;
    this.position = next;
    if (records.length === 0 || this.closing) return;
    if (this.queue.length === 0) this.queue = [...records];
    else for (const record of records) this.queue.push(record);
    this.queuedBytes += bytes;
    this.full = this.queuedBytes >= FETCHED_BYTES_MAX;
    this.wake();
  }

  /** Ends with `error`, after what was fetched before is handed over. */
  fail(error: Error): void {
    if (!this.open) return;
    this.failure = error;
    this.onEnd(this);
    if (!this.running) this.end(error);
  }

  private wake(): void {
    if (this.running || this.closing) return;
    this.running = true;
    queueMicrotask(() => void this.run());
  }

  private async run(): Promise<void> {
    while (!this.closing && this.head < this.queue.length) {
      const { records, bytes } = this.next();
      await this.deliver({ records, durable: DURABLE });
      this.queuedBytes -= bytes;
      if (this.full && this.queuedBytes < FETCHED_BYTES_MAX / 2) {
        this.full = false;
        this.onRoom(this);
      }
    }
    this.running = false;
    if (this.closing || this.failure !== undefined) this.end(this.closing ? undefined : this.failure);
  }

  private next(): { records: LogRecord[]; bytes: number } {
    const { queue, head } = this;
    let end = head;
    let bytes = 0;
    while (end < queue.length && end - head < READ_RECORDS_MAX) {
      const { key, value } = queue[end] as LogRecord;
      if (end > head && bytes + key.length + value.length > BATCH_BYTES_MAX) break;
      bytes += key.length + value.length;
      end += 1;
    }
    const records = head === 0 && end === queue.length ? queue : queue.slice(head, end);
    if (end === queue.length) {
      this.queue = [];
      this.head = 0;
    } else {
      this.head = end;
    }
    return { records, bytes };
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

  async close(): Promise<void> {
    if (!this.closing) {
      this.closing = true;
      this.stop.abort();
      this.queue = [];
      this.head = 0;
      if (this.failure === undefined) this.onEnd(this);
      if (!this.running) this.end(this.failure);
    }
    await this.ended;
  }
}
