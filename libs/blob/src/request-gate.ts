import { BlobUnavailable } from './errors';
import { REQUESTS_BYTES_MAX, REQUESTS_COUNT_MAX, REQUESTS_WAITING_COUNT_MAX, RETRY_TOKENS_COUNT_MAX, RETRY_TOKENS_PER_ATTEMPT } from './limits';

/** Lets REQUESTS_COUNT_MAX requests with REQUESTS_BYTES_MAX bytes through at once, in the order of their coming. */
export class RequestGate {
  private running = 0;
  private bytes = 0;
  private readonly waiting: { bytes: number; enter: () => void }[] = [];

  /** Runs `work` when it is its turn; throws BlobUnavailable when REQUESTS_WAITING_COUNT_MAX wait already. @param bytes of its body, sent or expected */
  async run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (this.waiting.length > 0 || !this.fits(bytes)) {
      if (this.waiting.length >= REQUESTS_WAITING_COUNT_MAX) throw new BlobUnavailable(`${this.waiting.length} requests wait for the S3 server: it is too slow for what is asked`);
      await new Promise<void>((enter) => this.waiting.push({ bytes, enter }));
    } else {
      this.take(bytes);
    }
    try {
      return await work();
    } finally {
      this.running -= 1;
      this.bytes -= bytes;
      for (let next = this.waiting[0]; next !== undefined && this.fits(next.bytes); next = this.waiting[0]) {
        this.waiting.shift();
        this.take(next.bytes);
        next.enter();
      }
    }
  }

  private fits(bytes: number): boolean {
    return this.running < REQUESTS_COUNT_MAX && (this.running === 0 || this.bytes + bytes <= REQUESTS_BYTES_MAX);
  }

  private take(bytes: number): void {
    this.running += 1;
    this.bytes += bytes;
  }
}

/** Keeps repeated attempts a small part of all, so that a server in trouble is not asked four times as much. */
export class AttemptBudget {
  private tokens = RETRY_TOKENS_COUNT_MAX;

  /** Whether one more attempt may be made. */
  take(): boolean {
    if (this.tokens < RETRY_TOKENS_PER_ATTEMPT) return false;
    this.tokens -= RETRY_TOKENS_PER_ATTEMPT;
    return true;
  }

  succeeded(): void {
    this.tokens = Math.min(RETRY_TOKENS_COUNT_MAX, this.tokens + 1);
  }
}
