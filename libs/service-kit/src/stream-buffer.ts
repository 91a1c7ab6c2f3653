import { STREAM_BUFFER_MESSAGES } from './limits';

/**
 * One direction of a stream: a bounded buffer between one writer and one reader. The writer waits when `capacity`
 * messages lie in it; the reader waits when there is none. What was written before `end` or `fail` is still read.
 */
export class StreamBuffer<T> implements AsyncIterable<T> {
  private readonly items: T[] = [];
  private state: 'open' | 'ended' | 'failed' | 'returned' = 'open';
  private error: unknown;
  private reader: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void } | undefined;
  private writers: (() => void)[] = [];

  /**
   * @param onReturn the reader left before the end
   * @param onRoom the buffer fell below its capacity after it was full
   */
  constructor(
    private readonly onReturn: () => void = () => {},
    private readonly onRoom: () => void = () => {},
    private readonly capacity: number = STREAM_BUFFER_MESSAGES,
  ) {}

  get closed(): boolean {
    return this.state !== 'open';
  }

  /** True while the writer may go on without waiting. */
  get hasRoom(): boolean {
    return this.items.length < this.capacity;
  }

  /** Adds a message; ignored after the end. Does not wait: writers that can wait call `room` after it. */
  write(item: T): void {
    if (this.state !== 'open') return;
    if (this.reader !== undefined) {
      const reader = this.reader;
      this.reader = undefined;
      reader.resolve({ done: false, value: item });
    } else this.items.push(item);
  }

  /** Resolves when a message may be written (or never will be: check `closed`). */
  room(): Promise<void> | undefined {
    if (this.hasRoom || this.state !== 'open') return undefined;
    return new Promise((resolve) => this.writers.push(resolve));
  }

  end(): void {
    if (this.state !== 'open') return;
    this.state = 'ended';
    this.wakeWriters();
    if (this.reader !== undefined) {
      const reader = this.reader;
      this.reader = undefined;
      reader.resolve({ done: true, value: undefined });
    }
  }

  fail(error: unknown): void {
    if (this.state !== 'open') return;
    this.state = 'failed';
    this.error = error;
    this.wakeWriters();
    if (this.reader !== undefined) {
      const reader = this.reader;
      this.reader = undefined;
      this.state = 'returned';
      reader.reject(error);
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return {
      next: () => this.next(),
      return: () => {
        this.leave();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  private next(): Promise<IteratorResult<T>> {
    if (this.items.length > 0) {
      const wasFull = this.items.length === this.capacity;
      const value = this.items.shift() as T;
      if (wasFull) {
        this.wakeWriters();
        this.onRoom();
      }
      return Promise.resolve({ done: false, value });
    }
    if (this.state === 'failed') {
      this.state = 'returned';
      return Promise.reject(this.error);
    }
    if (this.state !== 'open') return Promise.resolve({ done: true, value: undefined });
    if (this.reader !== undefined) return Promise.reject(new Error('a stream has one reader'));
    return new Promise((resolve, reject) => {
      this.reader = { resolve, reject };
    });
  }

  private leave(): void {
    if (this.state === 'returned') return;
    const open = this.state === 'open';
    this.state = 'returned';
    this.items.length = 0;
    this.wakeWriters();
    const reader = this.reader;
    this.reader = undefined;
    reader?.resolve({ done: true, value: undefined });
    if (open) this.onReturn();
  }

  private wakeWriters(): void {
    const writers = this.writers;
    if (writers.length === 0) return;
    this.writers = [];
    for (const wake of writers) wake();
  }
}

/**
 * Copies a stream into a buffer, waiting for room; ends or fails the buffer when the stream does.
 * @returns leaves the stream; for the buffer's `onReturn`
 */
export function pump<T, U>(source: AsyncIterable<T>, into: StreamBuffer<U>, convert: (item: T) => U, failed: (error: unknown) => unknown): () => void {
  const iterator = source[Symbol.asyncIterator]();
  let left = false;
  const leave = (): void => {
    if (left) return;
    left = true;
    // Its outcome concerns nobody: the reader is gone.
    void iterator.return?.().catch(() => {});
  };
  const run = async (): Promise<void> => {
    try {
      for (;;) {
        const result = await iterator.next();
        if (result.done === true) break;
        into.write(convert(result.value));
        if (!into.hasRoom) await into.room();
        if (into.closed) return leave();
      }
      left = true;
      into.end();
    } catch (error) {
      left = true;
      into.fail(failed(error));
    }
  };
  void run();
  return leave;
}
