import { TIMER_BUCKETS, TIMER_TICK_MS } from '../limits';

/** Something with a deadline that may move. */
export interface Timed {
  /** Unix milliseconds. */
  deadlineAt: number;
  /** The wheel's: bucket that it waits in, −1 for none. */
  timerBucket: number;
}

/**
 * One timer for all connections. A deadline that moves later costs nothing (it is looked at again when the old one comes round);
 * one that moves earlier needs `arm`. Deadlines are kept to within one tick.
 */
export class TimerWheel<T extends Timed> {
  private readonly buckets: Set<T>[] = Array.from({ length: TIMER_BUCKETS }, () => new Set<T>());
  /** Number of the last tick that was run. */
  private tick: number;

  constructor(nowMs: number) {
    this.tick = Math.floor(nowMs / TIMER_TICK_MS);
  }

  arm(item: T): void {
    this.remove(item);
    const due = Math.min(Math.max(Math.ceil(item.deadlineAt / TIMER_TICK_MS), this.tick + 1), this.tick + TIMER_BUCKETS - 1);
    item.timerBucket = due % TIMER_BUCKETS;
    (this.buckets[item.timerBucket] as Set<T>).add(item);
  }

  remove(item: T): void {
    if (item.timerBucket < 0) return;
    (this.buckets[item.timerBucket] as Set<T>).delete(item);
    item.timerBucket = -1;
  }

  /** Runs all ticks up to `nowMs`; calls `expire` for items whose deadline has come (they are out of the wheel then). */
  advance(nowMs: number, expire: (item: T) => void): void {
    const target = Math.floor(nowMs / TIMER_TICK_MS);
    // After a long pause each bucket needs to be seen once only.
    if (target - this.tick > TIMER_BUCKETS) this.tick = target - TIMER_BUCKETS;
    while (this.tick < target) {
      this.tick += 1;
      const bucket = this.buckets[this.tick % TIMER_BUCKETS] as Set<T>;
      if (bucket.size === 0) continue;
      for (const item of [...bucket]) {
        this.remove(item);
        if (item.deadlineAt > nowMs) this.arm(item);
        else expire(item);
      }
    }
  }
}
