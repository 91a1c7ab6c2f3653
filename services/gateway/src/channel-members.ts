import { CHANNELS_MAX, LEFT_WINDOW_MS, MEMBERSHIPS_MAX } from './limits';

export interface ChannelMembersDeps {
  /** Unix milliseconds. */
  now(): number;
  /** Whether the user has a connected session here. */
  isOnline(userId: number): boolean;
  /** The channel has a first member here, or none any more. */
  onChannelAdded(channel: number): void;
  onChannelRemoved(channel: number): void;
}

/** A channel with members who are online here. */
export interface Place {
  /** Its box. */
  readonly channel: number;
  /** Each with the version of the channel's command that last told it of them; 0: not known. */
  readonly members: Map<number, number>;
  /** Unix milliseconds when something of it last came by. */
  changedAt: number;
}

interface Departure {
  version: number;
  at: number;
}

/**
 * Which users who are online here are in which channels, as far as pushes are routed by it. It is told by two that don't wait for each other:
 * the channel's own events, in their order, and the users' boxes, which may be late. The version of the channel's command orders them.
 *
 * ```
 * channel's events            user's box
 * joined (version 5)
 * left (version 6)
 *                             joined (version 5): older than what is known, so he stays out
 *                             left (version 6)
 * ```
 */
export class ChannelMembers {
  private readonly places = new Map<number, Place>();
  private readonly channelsOf = new Map<number, Set<number>>();
  /** Who left within LEFT_WINDOW_MS, oldest first, by user and channel. */
  private readonly departures = new Map<string, Departure>();
  private memberships = 0;

  constructor(private readonly deps: ChannelMembersDeps, private readonly membershipsMax = MEMBERSHIPS_MAX) {}

  /** Channels with a member here. */
  get channels(): IterableIterator<number> {
    return this.places.keys();
  }

  get size(): number {
    return this.memberships;
  }

  place(channel: number): Place | undefined {
    return this.places.get(channel);
  }

  /** Whether nothing newer says that the user has left. Adds them where they are online; false where nothing changed, or at a limit. */
  join(channel: number, userId: number, version: number): boolean {
    if (!this.deps.isOnline(userId)) return false;
    const departure = this.departures.get(keyOf(channel, userId));
    if (departure !== undefined && departure.version >= version && departure.at >= this.deps.now() - LEFT_WINDOW_MS) return false;
    let place = this.places.get(channel);
    const known = place?.members.get(userId);
    if (known !== undefined) {
      if (version > known) place?.members.set(userId, version);
      return false;
    }
    if (this.memberships >= this.membershipsMax || (place === undefined && this.places.size >= CHANNELS_MAX)) return false;
    if (place === undefined) this.places.set(channel, place = { channel, members: new Map(), changedAt: 0 });
    place.members.set(userId, version);
    this.memberships += 1;
    const channels = this.channelsOf.get(userId);
    if (channels === undefined) this.channelsOf.set(userId, new Set([channel]));
    else channels.add(channel);
    if (place.members.size === 1) this.deps.onChannelAdded(channel);
    return true;
  }

  /** The user left, at that version: they get nothing of the channel from now on, unless something newer says so. */
  leave(channel: number, userId: number, version: number): void {
    const known = this.places.get(channel)?.members.get(userId);
    if (known !== undefined && known > version) return;
    const key = keyOf(channel, userId);
    const before = this.departures.get(key)?.version ?? 0;
    this.departures.delete(key);
    this.departures.set(key, { version: Math.max(before, version), at: this.deps.now() });
    this.forgetDepartures();
    this.remove(channel, userId);
    const channels = this.channelsOf.get(userId);
    channels?.delete(channel);
    if (channels?.size === 0) this.channelsOf.delete(userId);
  }

  /** The user's last session here is gone. */
  forget(userId: number): void {
    const channels = this.channelsOf.get(userId);
    if (channels === undefined) return;
    this.channelsOf.delete(userId);
    for (const channel of channels) this.remove(channel, userId);
  }

  private remove(channel: number, userId: number): void {
    const place = this.places.get(channel);
    if (place === undefined || !place.members.delete(userId)) return;
    this.memberships -= 1;
    if (place.members.size > 0) return;
    this.places.delete(channel);
    this.deps.onChannelRemoved(channel);
  }

  private forgetDepartures(): void {
    const since = this.deps.now() - LEFT_WINDOW_MS;
    for (const [key, { at }] of this.departures) {
      if (at >= since && this.departures.size <= CHANNELS_MAX) return;
      this.departures.delete(key);
    }
  }
}

const keyOf = (channel: number, userId: number): string => `${channel}:${userId}`;
