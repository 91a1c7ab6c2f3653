import { holderOfSlice } from '@heliograph/service-kit/slices';
import { READER_AVOIDED_MS } from './limits';

/**
 * The replicas of fanout that events are handed to. Gateways take a slice from its home while that is attached, else from another
 * (holderOfSlice), so whoever could not be reached lately has none. A guess that is wrong costs that its events are read from the log.
 */
export class EventReaders<R> {
  /** By replica: until when it is taken for gone, in milliseconds of the clock. */
  private readonly avoided = new Map<number, number>();

  /** @param replicas those there are, now */
  constructor(private readonly replicas: () => readonly R[], private readonly clock: { now(): number }) {}

  /** Which of them reads the slice; undefined: none that lives. */
  ownerOf(slice: number): number | undefined {
    const { length } = this.replicas();
    if (this.avoided.size === 0) return length === 0 ? undefined : slice % length;
    const now = this.clock.now();
    for (const [replica, until] of this.avoided) if (until <= now) this.avoided.delete(replica);
    return holderOfSlice(slice, [...Array(length).keys()].filter((replica) => !this.avoided.has(replica)), length);
  }

  /** Rejects as `bring` does; the replica is avoided for a while then. */
  async bring(replica: number, bring: (to: R) => Promise<void>): Promise<void> {
    const to = this.replicas()[replica];
    if (to === undefined) return;
    try {
      await bring(to);
    } catch (error) {
      this.avoided.set(replica, this.clock.now() + READER_AVOIDED_MS);
      throw error;
    }
  }
}
