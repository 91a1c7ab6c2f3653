import type { SessionRef } from '@heliograph/box/answered-caller';
import type { Clock } from '@heliograph/service-kit/kit';
import { sliceOf } from '@heliograph/service-kit/slices';
import type { GatewayStream, PushInit } from './gateway-stream';
import { MISSED_USERS_MAX, MISSED_WINDOW_MS } from './limits';

/** Bytes of updatesTooLong: the client asks for the difference. */
export const UPDATES_TOO_LONG = Uint8Array.of(0x7e, 0xaf, 0x17, 0xe3);

const NOBODY: ReadonlySet<GatewayStream> = new Set();

/** Which attached gateways have sessions of which users. */
export class Routes {
  private readonly streams = new Map<string, GatewayStream>();
  private readonly byUser = new Map<number, Set<GatewayStream>>();
  /** When somebody whom no gateway had announced missed an update, unix milliseconds, oldest first. */
  private readonly missedAt = new Map<number, number>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

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
    const late = added.filter((user) => this.missedLately(user));
    if (late.length > 0) stream.push({ userIds: late.map(BigInt), what: { case: 'updates', value: UPDATES_TOO_LONG } });
  }

  /**
   * The user's sessions at the gateway changed to or from a single one (undefined: there are several). What only the former one
   * made while it was thought to be alone, others may have missed.
   */
  changeSole(stream: GatewayStream, user: number, sole: SessionRef | undefined): void {
    if (this.streams.get(stream.gatewayId) !== stream || !stream.users.has(user)) return;
    const before = stream.users.get(user);
    stream.users.set(user, sole);
    if (before === undefined || isSame(before, sole) || !this.missedLately(user)) return;
    stream.push({ userIds: [BigInt(user)], what: { case: 'updates', value: UPDATES_TOO_LONG } });
  }

  /** Whether the user has this session only, at all gateways. */
  hasOnly(user: number, session: SessionRef): boolean {
    for (const stream of this.of(user)) if (!isSame(stream.users.get(user), session)) return false;
    return true;
  }

  /** Gateways with sessions of the user. */
  of(user: number): ReadonlySet<GatewayStream> {
    return this.byUser.get(user) ?? NOBODY;
  }

  /**
   * An update went by that nobody here was told of. A session that read its state before the update and is announced after it
   * would not learn of it until the next one, so an announcement within MISSED_WINDOW_MS makes its user's sessions ask.
   */
  missed(user: number): void {
    this.missedAt.delete(user);
    if (this.missedAt.size >= MISSED_USERS_MAX) {
      const oldest = this.missedAt.keys().next();
      if (!oldest.done) this.missedAt.delete(oldest.value);
    }
    this.missedAt.set(user, this.clock.now());
  }

  /** Lets the slice's users ask for what they may have missed while it was not followed, and tells those who want it that it is. */
  followed(slice: number, gap: boolean): void {
    for (const stream of this.streams.values()) {
      if (stream.slices.has(slice)) stream.announceFollowed([slice]);
      const users = gap ? [...stream.users.keys()].filter((user) => sliceOf(user) === slice) : [];
      if (users.length > 0) stream.push({ userIds: users.map(BigInt), what: { case: 'updates', value: UPDATES_TOO_LONG } });
    }
  }

  /** Queues a push for every gateway that it concerns, each with its own users; without users, for every gateway that wants those here. */
  deliver(push: PushInit): void {
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

  private missedLately(user: number): boolean {
    const at = this.missedAt.get(user);
    if (at === undefined) return false;
    this.missedAt.delete(user);
    return this.clock.now() - at <= MISSED_WINDOW_MS;
  }

  private remove(stream: GatewayStream, user: number): void {
    const streams = this.byUser.get(user);
    streams?.delete(stream);
    if (streams?.size === 0) this.byUser.delete(user);
  }
}

function isSame(sole: SessionRef | undefined, other: SessionRef | undefined): boolean {
  return sole !== undefined && other !== undefined && sole.sessionId === other.sessionId && sole.authKeyId === other.authKeyId;
}
