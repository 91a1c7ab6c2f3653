import type { Clock, Logger } from '@heliograph/service-kit/kit';
import type { ChannelMembers } from './channel-members';
import type { ChannelsAsleep } from './channels-asleep';
import { CHANNEL_LIST_RETRY_MAX_MS, CHANNEL_LIST_RETRY_MIN_MS, CHANNEL_LISTS_MAX, MISSED_WINDOW_MS } from './limits';

/** A channel that a user is in, by its box; `version`: see ChannelMembers. */
export interface Listed {
  readonly channel: number;
  readonly version: number;
  /** A message of somebody else brings it back from the user's archive. */
  readonly asleep?: boolean;
  /** The same from then on, unix seconds; 0: see `asleep`. */
  readonly asleepFrom?: number;
}

export interface ChannelListsDeps {
  /** The channels of a user, as the user's own box has them. */
  channelsOf(userId: number): Promise<readonly Listed[]>;
  members: ChannelMembers;
  asleep: Pick<ChannelsAsleep, 'set'>;
  isOnline(userId: number): boolean;
  /** Something of these channels may have gone by between the user's coming and now; undefined: of any. */
  onMissed(userId: number, channels: readonly number[] | undefined): void;
  clock: Pick<Clock, 'now' | 'sleep'>;
  log: Logger;
}

/** Learns the channels of users who come online: CHANNEL_LISTS_MAX at once, again and again until it succeeds or they are gone. */
export class ChannelLists {
  /** Users whose channels are not asked for yet, with the unix milliseconds of their coming, in that order. */
  private readonly waiting = new Map<number, number>();
  private running = 0;
  private failing = false;
  private readonly stopped = new AbortController();

  constructor(private readonly deps: ChannelListsDeps) {}

  userAdded(userId: number): void {
    this.waiting.set(userId, this.deps.clock.now());
    if (this.running >= CHANNEL_LISTS_MAX) return;
    this.running += 1;
    void this.run();
  }

  userRemoved(userId: number): void {
    this.waiting.delete(userId);
  }

  stop(): void {
    this.stopped.abort();
    this.waiting.clear();
  }

  private async run(): Promise<void> {
    let pauseMs = CHANNEL_LIST_RETRY_MIN_MS;
    for (;;) {
      const next = this.waiting.entries().next();
      if (next.done || this.stopped.signal.aborted) break;
      const [userId, since] = next.value;
      this.waiting.delete(userId);
      try {
        this.take(userId, since, await this.deps.channelsOf(userId));
        pauseMs = CHANNEL_LIST_RETRY_MIN_MS;
        this.failing = false;
      } catch (error) {
        if (!this.failing) this.deps.log.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'the channels of users who came online cannot be had; trying again');
        this.failing = true;
        // Behind the others: it may be this one's owner only that doesn't answer.
        if (this.deps.isOnline(userId) && !this.waiting.has(userId)) this.waiting.set(userId, since);
        await this.deps.clock.sleep(pauseMs, this.stopped.signal);
        pauseMs = Math.min(pauseMs * 2, CHANNEL_LIST_RETRY_MAX_MS);
      }
    }
    this.running -= 1;
  }

  private take(userId: number, since: number, listed: readonly Listed[]): void {
    const { members, clock, isOnline, onMissed } = this.deps;
    // Gone, or come anew and asked for again.
    if (!isOnline(userId) || this.waiting.has(userId)) return;
    this.deps.asleep.set(userId, listed.flatMap(({ channel, asleep = false, asleepFrom = 0 }) => (asleep || asleepFrom > 0 ? [{ channel, from: asleep ? 0 : asleepFrom }] : [])));
    const missed: number[] = [];
    for (const { channel, version } of listed) if (members.join(channel, userId, version) && (members.place(channel)?.changedAt ?? 0) >= since) missed.push(channel);
    // Fanout tells those of channels that nobody had announced before, as long as it remembers.
    if (listed.length > 0 && clock.now() - since > MISSED_WINDOW_MS) onMissed(userId, undefined);
    else if (missed.length > 0) onMissed(userId, missed);
  }
}
