import type { Clock } from '@heliograph/service-kit/kit';
import { READ_BATCH_BYTES_MAX, READ_BATCH_MIN_READS, READ_BATCH_MS, READ_RATE_SLOT_MS } from './limits';

/**
 * What sockets read, handled some at a time: under load the first read waits up to READ_BATCH_MS for others, and all go through the process
 * together. One log append, one disk flush, one write per connection then serve several requests, and the caches stay warm from one to the next
 * (docs/adr/0014-reads-in-batches.md). With few reads, or all from one connection, which waits for its answer before it asks again, nothing waits.
 *
 * Holds READ_BATCH_BYTES_MAX and one read at the most; at the limit all are handled at once. Each socket's reads keep their order.
 */
export class ReadBatch<S extends object> {
  private sockets: S[] = [];
  private chunks: Buffer[] = [];
  private bytes = 0;
  private last: S | undefined;
  /** Reads that were not from the same connection as the one before: in this slot of time, and in the one before. */
  private slot = 0;
  private reads = 0;
  private readsBefore = 0;

  /** @param handle gets each read; must not throw */
  constructor(private readonly clock: Pick<Clock, 'now' | 'sleep'>, private readonly handle: (socket: S, chunk: Buffer) => void) {}

  add(socket: S, chunk: Buffer): void {
    this.count(socket);
    if (this.chunks.length === 0 && !this.isBusy()) return this.handle(socket, chunk);
    this.sockets.push(socket);
    this.chunks.push(chunk);
    this.bytes += chunk.byteLength;
    if (this.bytes >= READ_BATCH_BYTES_MAX) this.flush();
    else if (this.chunks.length === 1) void this.flushLater();
  }

  /** Handles what waits. To be called before a socket's end is. */
  flush(): void {
    const { sockets, chunks } = this;
    if (chunks.length === 0) return;
    this.sockets = [];
    this.chunks = [];
    this.bytes = 0;
    for (let at = 0; at < chunks.length; at += 1) this.handle(sockets[at] as S, chunks[at] as Buffer);
  }

  /** Whether a window is likely to see READ_BATCH_MIN_READS. */
  private isBusy(): boolean {
    return Math.max(this.reads, this.readsBefore) * READ_BATCH_MS >= READ_BATCH_MIN_READS * READ_RATE_SLOT_MS;
  }

  private count(socket: S): void {
    const slot = Math.floor(this.clock.now() / READ_RATE_SLOT_MS);
    if (slot !== this.slot) {
      this.readsBefore = slot === this.slot + 1 ? this.reads : 0;
      this.reads = 0;
      this.slot = slot;
    }
    if (socket !== this.last) this.reads += 1;
    this.last = socket;
  }

  /** A batch that was handled before its time leaves the next one a shorter time. */
  private async flushLater(): Promise<void> {
    await this.clock.sleep(READ_BATCH_MS);
    this.flush();
  }
}
