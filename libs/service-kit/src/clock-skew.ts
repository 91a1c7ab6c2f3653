import { CLOCK_SKEW_MAX_MS } from './limits';

/** What another clock showed, seen from here. */
export interface ClockReading {
  /** Whose: `Cassandra at 10.0.0.1:9042`, `users`. */
  readonly name: string;
  /** How far this process's clock is ahead of it. */
  readonly aheadMs: number;
  /** How wrong that may be: half of the way there and back. */
  readonly uncertaintyMs: number;
}

/** One reading. @param sentAt @param receivedAt this process's clock around the question, Unix milliseconds */
export function clockReading(name: string, now: number, sentAt: number, receivedAt: number): ClockReading {
  return { name, aheadMs: (sentAt + receivedAt) / 2 - now, uncertaintyMs: Math.max(0, receivedAt - sentAt) / 2 };
}

/**
 * Whether this process's clock is wrong: the middle one of the other clocks is further away than CLOCK_SKEW_MAX_MS. A single clock that is
 * wrong elsewhere does not make this one so; of two that contradict each other the nearer one counts.
 * @returns a sentence, or undefined when all is well or nobody could be asked
 */
export function clockComplaint(readings: readonly ClockReading[]): string | undefined {
  const sorted = [...readings].sort((a, b) => a.aheadMs - b.aheadMs);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  if (low === undefined || high === undefined) return undefined;
  // Opposite signs: this clock is in the middle.
  if (low.aheadMs < 0 && high.aheadMs > 0) return undefined;
  const middle = Math.abs(low.aheadMs) < Math.abs(high.aheadMs) ? low : high;
  if (Math.abs(middle.aheadMs) - middle.uncertaintyMs <= CLOCK_SKEW_MAX_MS) return undefined;
  const seconds = (Math.abs(middle.aheadMs) / 1_000).toFixed(1);
  return `this machine's clock is ${seconds} s ${middle.aheadMs > 0 ? 'ahead of' : 'behind'} that of ${middle.name}; at most ${CLOCK_SKEW_MAX_MS / 1_000} s are served. Look at its time synchronisation`;
}
