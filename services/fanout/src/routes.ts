import type { SessionRef } from '@heliograph/box/answered-caller';
import { isChannelBox } from '@heliograph/box/box-id';
import type { Clock } from '@heliograph/service-kit/kit';
import { sliceOf } from '@heliograph/service-kit/slices';
import { channelTooLong } from './channel-push';
import type { GatewayStream, PushInit } from './gateway-stream';
import { MISSED_USERS_MAX, MISSED_WINDOW_MS } from './limits';
import { RecentLeavers } from './recent-leavers';

/** Bytes of updatesTooLong: the client asks for the difference. */
export const UPDATES_TOO_LONG = Uint8Array.of(0x7e, 0xaf, 0x17, 0xe3);

const NOBODY: ReadonlySet<GatewayStream> = new Set();

/** Which attached gateways have sessions of which users, and of members of which channels (their boxes stand among the users). */
export class Routes {
  private readonly streams = new Map<string, GatewayStream>();
  private readonly byUser = new Map<number, Set<GatewayStream>>();
  /** Users of whose boxes an update went by just now: a gateway that announces one of them may come too late for it. */
  private readonly changed: RecentUsers;
  /** Users of whom only the session that made an update knows of it. */
  private readonly untold: RecentUsers;

  private readonly leavers: RecentLeavers;

  constructor(private readonly clock: Pick<Clock, 'now'>) {
    this.changed = new RecentUsers(clock);
    this.untold = new RecentUsers(clock);
    this.leavers = new RecentLeavers(clock);
  }

  get gateways(): number {
    return this.streams.size;
  }

  /** Takes in a gateway; an older stream of the same one ends. */
  attach(stream: GatewayStream): void {
    const before = this.streams.get(stream.gatewayId);
    if (before) {
      this.detach(before);
      before.end();
    }
    this.streams.set(stream.gatewayId, stream);
  }

  detach(stream: GatewayStream): void {
    if (this.streams.get(stream.gatewayId) !== stream) return;
    this.streams.delete(stream.gatewayId);
    for (const user of stream.users.keys()) this.remove(stream, user);
    stream.users.clear();
  }

  announce(stream: GatewayStream, added: readonly number[], removed: readonly number[]): void {
    if (this.streams.get(stream.gatewayId) !== stream) return;
    for (const user of removed) if (stream.users.delete(user)) this.remove(stream, user);
    for (const user of added) {
      if (stream.users.has(user)) continue;
      stream.users.set(user, undefined);
      const streams = this.byUser.get(user);
      if (streams) streams.add(stream);
      else this.byUser.set(user, new Set([stream]));
    }
    this.tellTooLate(stream, added.filter((user) => this.changed.has(user)));
    for (const channel of added) {
      const gone = isChannelBox(channel) ? this.leavers.of(channel) : undefined;
      if (gone !== undefined) stream.push({ what: { case: 'channel', value: { channel: BigInt(channel), ...gone } } });
    }
  }

  /** Makes the sessions of these users, and of the members of these channels, ask for what they may have missed. */
  private tellTooLate(stream: GatewayStream, late: readonly number[]): void {
    const users = late.filter((user) => user > 0);
    if (users.length > 0) stream.push({ userIds: users.map(BigInt), what: { case: 'updates', value: UPDATES_TOO_LONG } });
    const date = Math.floor(this.clock.now() / 1_000);
    for (const channel of late) if (isChannelBox(channel)) stream.push({ what: { case: 'channel', value: { channel: BigInt(channel), updates: channelTooLong(channel, date) } } });
  }

  /**
   * The user's sessions at the gateway changed to or from a single one (undefined: there are several). What only the former one
   * made while it was thought to be alone, others may have missed.
   */
  changeSole(stream: GatewayStream, user: number, sole: SessionRef | undefined): void {
    if (this.streams.get(stream.gatewayId) !== stream || !stream.users.has(user)) return;
    const before = stream.users.get(user);
    stream.users.set(user, sole);
    if (before === undefined || isSame(before, sole) || !this.untold.has(user)) return;
    stream.push({ userIds: [BigInt(user)], what: { case: 'updates', value: UPDATES_TOO_LONG } });
  }

  /** Whether the user has this session only, at all gateways. */
  hasOnly(user: number, session: SessionRef): boolean {
    for (const stream of this.of(user)) if (!isSame(stream.users.get(user), session)) return false;
    return true;
  }

  /** Gateways with sessions of the user, or of a member of the channel. */
  of(user: number): ReadonlySet<GatewayStream> {
    return this.byUser.get(user) ?? NOBODY;
  }

  /** An event of a channel changed who is in it. */
  noteRoutes(channel: number, change: { joined: readonly bigint[]; left: readonly bigint[] }, version: bigint): void {
    this.leavers.note(channel, change, version);
  }

  /**
   * An update of the user's (or the channel's) box went by. A session that read its state before the update and whose gateway announces its user after it
   * would not learn of it until the next one, so an announcement within MISSED_WINDOW_MS makes the user's sessions there ask.
   */
  wentBy(user: number): void {
    this.changed.add(user);
  }

  /** The update that went by was pushed to nobody, as the session that made it is the only one: one that is just coming to its gateway must ask. */
  leftUntold(user: number): void {
    this.untold.add(user);
  }

  /** Lets the slice's users ask for what they may have missed while it was not followed, and tells those who want it that it is. */
  followed(slice: number, gap: boolean): void {
    for (const stream of this.streams.values()) {
      if (stream.slices.has(slice)) stream.announceFollowed([slice]);
      if (gap) this.tellTooLate(stream, [...stream.users.keys()].filter((user) => sliceOf(user) === slice));
    }
  }

  /** Queues a push for every gateway that it concerns, each with its own users; of a channel for those that announced it; else without users, for every gateway that wants those here. */
  deliver(push: PushInit): void {
    if (push.what?.case === 'channel') {
      for (const stream of this.of(Number(push.what.value.channel))) stream.push(push);
      return;
    }
    const users = push.userIds ?? [];
    if (users.length === 0) {
      for (const stream of this.streams.values()) if (stream.broadcasts) stream.push(push);
      return;
    }
    const [only] = users;
    if (users.length === 1 && only !== undefined) {
      for (const stream of this.of(Number(only))) stream.push(push);
      return;
    }
    const shares = new Map<GatewayStream, bigint[]>();
    for (const user of users) {
      for (const stream of this.of(Number(user))) {
        const share = shares.get(stream);
        if (share) share.push(BigInt(user));
        else shares.set(stream, [BigInt(user)]);
      }
    }
    for (const [stream, share] of shares) stream.push({ ...push, userIds: share });
  }

  /** Ends every stream; the gateways look for another replica. */
  close(): void {
    for (const stream of this.streams.values()) stream.end();
  }

  private remove(stream: GatewayStream, user: number): void {
    const streams = this.byUser.get(user);
    streams?.delete(stream);
    if (streams?.size === 0) this.byUser.delete(user);
  }
}

/** Users to whom something happened within MISSED_WINDOW_MS; MISSED_USERS_MAX of them, then the oldest are forgotten. */
class RecentUsers {
  /** When it last happened, unix milliseconds, oldest first. */
  private readonly at = new Map<number, number>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  add(user: number): void {
    this.at.delete(user);
    if (this.at.size >= MISSED_USERS_MAX) {
      const oldest = this.at.keys().next();
      if (!oldest.done) this.at.delete(oldest.value);
    }
    this.at.set(user, this.clock.now());
  }

  has(user: number): boolean {
    const at = this.at.get(user);
    return at !== undefined && this.clock.now() - at <= MISSED_WINDOW_MS;
  }
}

function isSame(sole: SessionRef | undefined, other: SessionRef | undefined): boolean {
  return sole !== undefined && other !== undefined && sole.sessionId === other.sessionId && sole.authKeyId === other.authKeyId;
}
