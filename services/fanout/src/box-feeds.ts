import { BOX_UPDATES } from '@heliograph/box/topics';
import type { EventLog, LogRecord, Subscription } from '@heliograph/event-log/event-log';
import type { Clock, Logger } from '@heliograph/service-kit/kit';
import { FEED_IDLE_MS, FEED_RETRY_FIRST_MS, FEED_RETRY_LONGEST_MS } from './limits';

export interface BoxFeedsDeps {
  eventLog: EventLog;
  clock: Clock;
  log: Logger;
  /** One slice's records, batch after batch. */
  take(records: readonly LogRecord[]): Promise<void>;
  /** A slice is followed from now on. `gap`: it was not before, or something was missed: whoever is announced in it may have missed a change. */
  followed(slice: number, gap: boolean): void;
}

interface Feed {
  /** Undefined while it is being opened, or again after it broke. */
  subscription: Subscription | undefined;
  /** Who wants it: attached gateways. */
  readonly wanted: Set<object>;
  /** When the last one left, milliseconds of the clock. */
  idleSince: number | undefined;
  closed: boolean;
}

/**
 * The slices of box-updates that this replica follows: those that some attached gateway wants here. A slice is read from its end on; what
 * came before, sessions ask for.
 */
export class BoxFeeds {
  private readonly feeds = new Map<number, Feed>();
  private closed = false;
  private allFollowed: (() => void) | undefined;

  constructor(private readonly deps: BoxFeedsDeps) {}

  /** Slices that are followed now. */
  get following(): number[] {
    return [...this.feeds].filter(([, feed]) => feed.subscription !== undefined).map(([slice]) => slice);
  }

  isFollowed(slice: number): boolean {
    return this.feeds.get(slice)?.subscription !== undefined;
  }

  /** Follows every slice for as long as this replica runs; resolves when it does. */
  async wantAll(): Promise<void> {
    for (let slice = 0; slice < BOX_UPDATES.partitions; slice += 1) this.want(this, slice);
    await new Promise<void>((resolve) => {
      this.allFollowed = resolve;
      this.tellIfAll();
    });
  }

  private tellIfAll(): void {
    if (this.allFollowed !== undefined && this.following.length === BOX_UPDATES.partitions) this.allFollowed();
  }

  /** Follows the slice at least as long as `who` wants it. */
  want(who: object, slice: number): void {
    let feed = this.feeds.get(slice);
    if (feed === undefined) {
      feed = { subscription: undefined, wanted: new Set(), idleSince: undefined, closed: false };
      this.feeds.set(slice, feed);
      void this.open(slice, feed);
    }
    feed.wanted.add(who);
    feed.idleSince = undefined;
  }

  /** `who` wants the slice (default: none) no more. */
  unwant(who: object, slice?: number): void {
    for (const [number, feed] of this.feeds) {
      if (slice !== undefined && slice !== number) continue;
      if (feed.wanted.delete(who) && feed.wanted.size === 0) feed.idleSince = this.deps.clock.now();
    }
  }

  /** Leaves slices that nobody has wanted for FEED_IDLE_MS. Called now and then. */
  async sweep(): Promise<void> {
    const now = this.deps.clock.now();
    for (const [slice, feed] of this.feeds) {
      if (feed.idleSince === undefined || now - feed.idleSince < FEED_IDLE_MS) continue;
      this.feeds.delete(slice);
      feed.closed = true;
      await feed.subscription?.close();
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    const feeds = [...this.feeds.values()];
    this.feeds.clear();
    for (const feed of feeds) feed.closed = true;
    await Promise.all(feeds.map((feed) => feed.subscription?.close()));
  }

  private async open(slice: number, feed: Feed): Promise<void> {
    const { eventLog, clock, log, take, followed } = this.deps;
    for (let pause = FEED_RETRY_FIRST_MS; !this.closed && !feed.closed; pause = Math.min(pause * 2, FEED_RETRY_LONGEST_MS)) {
      try {
        const { next } = await eventLog.bounds(BOX_UPDATES, slice);
        const subscription = await eventLog.subscribe(BOX_UPDATES, slice, next, ({ records }) => take(records), { handed: true });
        if (this.closed || feed.closed) return await subscription.close();
        feed.subscription = subscription;
        followed(slice, true);
        this.tellIfAll();
        const error = await subscription.ended;
        feed.subscription = undefined;
        if (error === undefined) return;
        log.warn({ slice, error: String(error) }, 'a slice of box-updates can not be read on; it is followed anew');
        pause = FEED_RETRY_FIRST_MS;
      } catch (error) {
        log.warn({ slice, error: String(error) }, 'a slice of box-updates can not be followed; trying again');
      }
      await clock.sleep(pause);
    }
  }
}
