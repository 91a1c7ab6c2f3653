import type { SessionRef } from '@heliograph/box/answered-caller';
import type { FanoutService, Push } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { Client, Clock, Logger } from '@heliograph/service-kit/kit';
import { USER_SLICES } from '@heliograph/service-kit/limits';
import { holderOfSlice, sliceOf } from '@heliograph/service-kit/slices';
import { FANOUT_LOOK_MS, FANOUT_START_GRACE_MS } from './limits';
import { PushStream } from './push-stream';

export interface PushStreamsDeps {
  gatewayId: string;
  /** One client for each replica of fanout there is now. */
  fanouts(): readonly Pick<Client<typeof FanoutService>, 'attach'>[];
  clock: Pick<Clock, 'now' | 'sleep' | 'every'>;
  /** Users with a connected session here, and (below zero) channels with members among them. */
  users(): Iterable<number>;
  /** The user's session here where there is just one. */
  soleSession(userId: number): SessionRef | undefined;
  onPush(push: Push): void;
  /** Users of these slices may have missed pushes; they are announced again by now. */
  onLost(slices: ReadonlySet<number>): void;
  /** Whether pushes without users are wanted of these replicas at all. Default: yes. */
  broadcasts?: boolean;
  /** Pushes without users (revoked keys, changed users) may have been missed. */
  onBroadcastsLost(): void;
  log: Logger;
}

/**
 * The streams from all replicas of fanout. Each slice of users is followed by one of them for this gateway: by its home while that is
 * attached, else by another, so that a replica that goes leaves a gap for its own slices only, which their sessions are told of. A replica
 * is asked to follow a slice first and is told its users when it does; then the one before is told that it need not any more. So a
 * slice that moves leaves no gap; for a moment both push, and clients know a pts that they have.
 */
export class PushStreams {
  private readonly streams: PushStream[] = [];
  private readonly runs: Promise<void>[] = [];
  /** Slices that each attached replica follows for this gateway; undefined: all, it knows none. */
  private readonly following = new Map<number, Set<number> | undefined>();
  private readonly asked = new Map<number, Set<number>>();
  /** Which replica is told the users of a slice. */
  private readonly holders: (number | undefined)[] = Array.from({ length: USER_SLICES });
  private readonly gaps = new Set<number>();
  private broadcaster: number | undefined;
  private broadcastsMissed = false;
  private startedAt = 0;
  private looking: { stop(): void } | undefined;
  private stopped = false;

  constructor(private readonly deps: PushStreamsDeps) {}

  userAdded(userId: number): void {
    this.holderOf(userId)?.addUser(userId);
  }

  /** The user's only session changed. */
  userChanged(userId: number): void {
    this.holderOf(userId)?.changeUser(userId);
  }

  userRemoved(userId: number): void {
    this.holderOf(userId)?.removeUser(userId);
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    this.startedAt = this.deps.clock.now();
    this.open();
    this.looking = this.deps.clock.every(FANOUT_LOOK_MS, () => this.open());
    // Streams may be added meanwhile.
    for (let index = 0; index < this.runs.length; index += 1) await this.runs[index];
  }

  stop(): void {
    this.stopped = true;
    this.looking?.stop();
    for (const stream of this.streams) stream.stop();
  }

  /** A stream for each replica that has none yet. */
  private open(): void {
    if (this.stopped) return;
    const fanouts = this.deps.fanouts();
    for (let replica = this.streams.length; replica < fanouts.length; replica += 1) {
      const stream = new PushStream({
        gatewayId: this.deps.gatewayId, fanout: fanouts[replica] as Pick<Client<typeof FanoutService>, 'attach'>, clock: this.deps.clock, log: this.deps.log,
        soleSession: (userId) => this.deps.soleSession(userId),
        onPush: (push) => this.deps.onPush(push),
        onAttached: (following) => this.onAttached(replica, following),
        onFollowed: (slices) => this.onFollowed(replica, slices),
        onBroken: () => this.onBroken(replica),
      });
      this.streams.push(stream);
      this.runs.push(stream.run());
    }
  }

  private holderOf(userId: number): PushStream | undefined {
    const holder = this.holders[sliceOf(userId)];
    return holder === undefined ? undefined : this.streams[holder];
  }

  private onAttached(replica: number, following: readonly number[] | undefined): void {
    this.following.set(replica, following === undefined ? undefined : new Set(following));
    this.asked.set(replica, new Set());
    this.share();
  }

  private onFollowed(replica: number, slices: readonly number[]): void {
    const following = this.following.get(replica);
    // Not what it was told meanwhile to leave: it may stop following that at any time.
    for (const slice of slices) if (this.asked.get(replica)?.has(slice) === true) following?.add(slice);
    this.share();
  }

  private onBroken(replica: number): void {
    this.following.delete(replica);
    this.asked.delete(replica);
    for (let slice = 0; slice < USER_SLICES; slice += 1) {
      if (this.holders[slice] !== replica) continue;
      this.holders[slice] = undefined;
      this.gaps.add(slice);
    }
    if (this.broadcaster === replica) {
      this.broadcaster = undefined;
      this.broadcastsMissed = true;
    }
    this.share();
  }

  /** Brings every slice to the replica that should follow it, as far as that one is ready. */
  private share(): void {
    const attached = [...this.following.keys()].sort((a, b) => a - b);
    if (attached.length === 0) return;
    this.chooseBroadcaster(attached);
    const moved = new Map<number, number | undefined>();
    for (let slice = 0; slice < USER_SLICES; slice += 1) {
      const target = holderOfSlice(slice, attached, this.streams.length) as number;
      const holder = this.holders[slice];
      if (holder === target) continue;
      const stream = this.streams[target] as PushStream;
      const following = this.following.get(target);
      const asked = this.asked.get(target) as Set<number>;
      if (!asked.has(slice)) {
        asked.add(slice);
        if (following !== undefined) stream.follow(slice);
      }
      if (following !== undefined && !following.has(slice)) continue;
      this.holders[slice] = target;
      moved.set(slice, holder);
      // Users were online here with nobody to tell: they may have missed something, unless this gateway has only just begun.
      if (holder === undefined && this.deps.clock.now() - this.startedAt > FANOUT_START_GRACE_MS) this.gaps.add(slice);
    }
    if (moved.size > 0) this.move(moved);
    // What a replica was asked to follow while its home was not attached yet.
    for (const [replica, asked] of this.asked) for (const slice of asked) if (this.holders[slice] !== undefined && this.holders[slice] !== replica && holderOfSlice(slice, attached, this.streams.length) !== replica) this.release(slice, replica);
  }

  /** Tells the new holders of these slices their users, then the former that they need not push any more. */
  private move(moved: ReadonlyMap<number, number | undefined>): void {
    for (const user of this.deps.users()) {
      const slice = sliceOf(user);
      if (!moved.has(slice)) continue;
      this.streams[this.holders[slice] as number]?.addUser(user);
      const former = moved.get(slice);
      if (former !== undefined) this.streams[former]?.removeUser(user);
    }
    const lost = new Set<number>();
    for (const [slice, former] of moved) {
      if (former !== undefined) this.release(slice, former);
      if (this.gaps.delete(slice)) lost.add(slice);
    }
    if (lost.size > 0) this.deps.onLost(lost);
  }

  private release(slice: number, former: number): void {
    this.asked.get(former)?.delete(slice);
    const following = this.following.get(former);
    if (following === undefined) return;
    // When it is wanted there again, it is asked again, and answers.
    following.delete(slice);
    this.streams[former]?.unfollow(slice);
  }

  /** One stream carries what has no users; not the same one for all gateways. */
  private chooseBroadcaster(attached: readonly number[]): void {
    if (this.broadcaster !== undefined || this.deps.broadcasts === false) return;
    const spread = Number.parseInt(this.deps.gatewayId.slice(-4), 16) || 0;
    this.broadcaster = attached[spread % attached.length] as number;
    this.streams[this.broadcaster]?.wantBroadcasts(true);
    if (!this.broadcastsMissed) return;
    this.broadcastsMissed = false;
    this.deps.onBroadcastsLost();
  }
}
