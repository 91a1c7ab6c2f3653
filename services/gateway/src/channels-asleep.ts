import type { Logger } from '@heliograph/service-kit/kit';
import { CHANNELS_ASLEEP_COUNT_MAX, WAKES_AT_ONCE_MAX } from './limits';

/** An archived channel, by its box, that a message of somebody else brings back from `from` (unix seconds; 0: now) on: it may be muted until then. */
export interface Asleep {
  readonly channel: number;
  readonly from: number;
}

/** As services tell them: those that any message brings back, and those that one does later. */
export function asleepOf(channels: readonly bigint[], later: readonly { channel: bigint; from: number }[]): Asleep[] {
  return [...channels.map((channel) => ({ channel: Number(channel), from: 0 })), ...later.map(({ channel, from }) => ({ channel: Number(channel), from }))];
}

export interface ChannelsAsleepDeps {
  /** Has archived channels of a user looked after in which somebody wrote; resolves to those that still wait for a message. */
  wake(userId: number): Promise<readonly Asleep[]>;
  isOnline(userId: number): boolean;
  /** Unix milliseconds. */
  now(): number;
  log: Logger;
}

/**
 * Archived channels that a message of somebody else brings back to the main list, now or when their mute ends, of users who are online here. A post is one write however many read it, so nothing but
 * this says so while they look; CHANNELS_ASLEEP_COUNT_MAX of them, and what is beyond or fails is seen when the user's list is read next.
 */
export class ChannelsAsleep {
  private readonly usersOf = new Map<number, Map<number, number>>();
  private readonly channelsOf = new Map<number, readonly Asleep[]>();
  /** Users to be looked after, each once. */
  private readonly waiting = new Set<number>();
  private running = 0;
  private count = 0;

  constructor(private readonly deps: ChannelsAsleepDeps, private readonly asleepMax = CHANNELS_ASLEEP_COUNT_MAX) {}

  get size(): number {
    return this.count;
  }

  /** Takes the place of what was known of the user. */
  set(userId: number, channels: readonly Asleep[]): void {
    this.drop(userId);
    if (channels.length === 0 || !this.deps.isOnline(userId) || this.count + channels.length > this.asleepMax) return;
    this.channelsOf.set(userId, channels);
    this.count += channels.length;
    for (const { channel, from } of channels) {
      const users = this.usersOf.get(channel);
      if (users === undefined) this.usersOf.set(channel, new Map([[userId, from]]));
      else users.set(userId, from);
    }
  }

  /** The user's last session here is gone. */
  forget(userId: number): void {
    this.drop(userId);
    this.waiting.delete(userId);
  }

  private drop(userId: number): void {
    const channels = this.channelsOf.get(userId) ?? [];
    this.channelsOf.delete(userId);
    this.count -= channels.length;
    for (const { channel } of channels) {
      const users = this.usersOf.get(channel);
      users?.delete(userId);
      if (users?.size === 0) this.usersOf.delete(channel);
    }
  }

  /** Somebody wrote in a channel. */
  posted(channel: number): void {
    const users = this.usersOf.get(channel);
    if (users === undefined) return;
    const date = Math.floor(this.deps.now() / 1_000);
    for (const [userId, from] of users) if (from <= date) this.waiting.add(userId);
    while (this.running < Math.min(WAKES_AT_ONCE_MAX, this.waiting.size)) {
      this.running += 1;
      void this.run();
    }
  }

  private async run(): Promise<void> {
    for (const userId of this.waiting) {
      this.waiting.delete(userId);
      const before = this.channelsOf.get(userId);
      try {
        const asleep = await this.deps.wake(userId);
        // Something newer may have said so meanwhile.
        if (this.channelsOf.get(userId) === before && !this.waiting.has(userId)) this.set(userId, asleep);
      } catch (error) {
        this.deps.log.debug({ error: error instanceof Error ? error.message : 'unknown' }, 'archived channels of a user could not be looked after');
      }
    }
    this.running -= 1;
  }
}
