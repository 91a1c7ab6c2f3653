import type { StorageClock } from './clock';

/**
 * When the next request to an engine may begin. A request costs the same for one record as for fifty, so in a stream they are kept
 * `everyMs` apart and carry what came meanwhile; the first `burst` after a silence need not wait. (A leaky bucket, as GCRA in ITU-T I.371.)
 */
export class Pace {
  /** When a request would begin if all were evenly spaced. Milliseconds of `performance.now()`. */
  private due = -Infinity;

  constructor(private readonly everyMs: number, private readonly burst: number, private readonly clock: Pick<StorageClock, 'sleep'>, private readonly now: () => number = () => performance.now()) {}

  /** How long the next one waits; 0 or less: not at all. */
  get waitMs(): number {
    return this.due - (this.burst - 1) * this.everyMs - this.now();
  }

  /** Resolves when it may begin. */
  async turn(): Promise<void> {
    const { waitMs } = this;
    if (waitMs > 0) await this.clock.sleep(Math.ceil(waitMs));
  }

  /** One begins. */
  begin(): void {
    this.due = Math.max(this.due, this.now()) + this.everyMs;
  }
}
