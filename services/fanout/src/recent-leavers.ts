import type { Clock } from '@heliograph/service-kit/kit';
import { LEFT_CHANNELS_MAX, LEFT_USERS_PER_CHANNEL_MAX, LEFT_WINDOW_MS } from './limits';

interface Leavers {
  /** When each left, unix milliseconds, oldest first. */
  readonly users: Map<bigint, number>;
  /** Version of the newest of these changes. */
  version: bigint;
}

/**
 * Who left which channel within LEFT_WINDOW_MS. A gateway that announces a channel later has its members from their own boxes, which may not have been
 * told yet.
 */
export class RecentLeavers {
  /** The one that changed longest ago first. */
  private readonly channels = new Map<number, Leavers>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  note(channel: number, { joined, left }: { joined: readonly bigint[]; left: readonly bigint[] }, version: bigint): void {
    const known = this.channels.get(channel);
    if (known !== undefined) for (const user of joined) known.users.delete(user);
    if (left.length === 0) return;
    const leavers = known ?? { users: new Map<bigint, number>(), version };
    leavers.version = version;
    for (const user of left) {
      leavers.users.delete(user);
      leavers.users.set(user, this.clock.now());
      if (leavers.users.size > LEFT_USERS_PER_CHANNEL_MAX) leavers.users.delete(leavers.users.keys().next().value as bigint);
    }
    this.channels.delete(channel);
    if (this.channels.size >= LEFT_CHANNELS_MAX) this.channels.delete(this.channels.keys().next().value as number);
    this.channels.set(channel, leavers);
  }

  /** Undefined: nobody did. */
  of(channel: number): { left: bigint[]; version: bigint } | undefined {
    const leavers = this.channels.get(channel);
    if (leavers === undefined) return undefined;
    const since = this.clock.now() - LEFT_WINDOW_MS;
    for (const [user, at] of leavers.users) {
      if (at >= since) break;
      leavers.users.delete(user);
    }
    if (leavers.users.size > 0) return { left: [...leavers.users.keys()], version: leavers.version };
    this.channels.delete(channel);
    return undefined;
  }
}
