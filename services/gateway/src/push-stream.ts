import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SessionRef } from '@heliograph/box/answered-caller';
import type { AttachRequestSchema, FanoutService, Push, SoleSessionSchema } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { Client, Clock, Logger } from '@heliograph/service-kit/kit';
import { ANNOUNCED_USERS_MAX, ATTACH_BACKOFF_MAX_MS, ATTACH_BACKOFF_MIN_MS } from './limits';

export interface PushStreamDeps {
  gatewayId: string;
  fanout: Pick<Client<typeof FanoutService>, 'attach'>;
  clock: Pick<Clock, 'sleep'>;
  /** The user's session here where there is just one. */
  soleSession(userId: number): SessionRef | undefined;
  onPush(push: Push): void;
  /** The replica takes announcements. Undefined: it follows everything, and knows no slices. */
  onAttached(following: readonly number[] | undefined): void;
  /** It follows these slices from now on. */
  onFollowed(slices: readonly number[]): void;
  /** The stream broke: what it carried is missing from now on. */
  onBroken(): void;
  log: Logger;
}

/** The stream from one replica of fanout: announces what it is told to, takes pushes, comes back after every failure with nothing announced. */
export class PushStream {
  private readonly usersAdded = new Set<number>();
  private readonly usersRemoved = new Set<number>();
  /** Users that were announced and whose only session is another one now, or not the only one. */
  private readonly usersChanged = new Set<number>();
  private readonly slicesAdded = new Set<number>();
  private readonly slicesRemoved = new Set<number>();
  private broadcasts: boolean | undefined;
  private wake: (() => void) | undefined;
  private readonly stopped = new AbortController();
  /** From the first frame of a stream until it breaks. */
  attached = false;

  constructor(private readonly deps: PushStreamDeps) {}

  addUser(userId: number): void {
    if (!this.usersRemoved.delete(userId)) this.usersAdded.add(userId);
    // To fanout it never went: but it may be another session that is here now.
    else this.usersChanged.add(userId);
    this.signal();
  }

  /** The user's only session changed; see `soleSession`. */
  changeUser(userId: number): void {
    this.usersChanged.add(userId);
    this.signal();
  }

  removeUser(userId: number): void {
    this.usersChanged.delete(userId);
    if (!this.usersAdded.delete(userId)) this.usersRemoved.add(userId);
    this.signal();
  }

  follow(slice: number): void {
    if (!this.slicesRemoved.delete(slice)) this.slicesAdded.add(slice);
    this.signal();
  }

  unfollow(slice: number): void {
    if (!this.slicesAdded.delete(slice)) this.slicesRemoved.add(slice);
    this.signal();
  }

  /** Whether pushes without users come over this stream; not at first. */
  wantBroadcasts(wanted: boolean): void {
    this.broadcasts = wanted;
    this.signal();
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    let backoffMs = ATTACH_BACKOFF_MIN_MS;
    while (!this.stopped.signal.aborted) {
      const attempt = new AbortController();
      const stop = (): void => attempt.abort();
      this.stopped.signal.addEventListener('abort', stop);
      try {
        for await (const { pushes, slices, sliced } of this.deps.fanout.attach(this.announcements(attempt.signal), { signal: attempt.signal })) {
          backoffMs = ATTACH_BACKOFF_MIN_MS;
          if (!this.attached) {
            this.attached = true;
            this.deps.onAttached(sliced ? slices : undefined);
          } else if (slices.length > 0) this.deps.onFollowed(slices);
          for (const push of pushes) this.deps.onPush(push);
        }
      } catch (error) {
        if (!this.stopped.signal.aborted) this.deps.log.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'the stream from fanout broke');
      } finally {
        this.stopped.signal.removeEventListener('abort', stop);
        attempt.abort();
        this.signal();
      }
      if (this.stopped.signal.aborted) return;
      if (this.attached) {
        this.attached = false;
        this.deps.onBroken();
      }
      await this.deps.clock.sleep(backoffMs, this.stopped.signal);
      backoffMs = Math.min(backoffMs * 2, ATTACH_BACKOFF_MAX_MS);
    }
  }

  stop(): void {
    this.stopped.abort();
  }

  private signal(): void {
    this.wake?.();
  }

  /** The gateway's name first, then what is announced, several changes of one turn in one frame. */
  private async *announcements(signal: AbortSignal): AsyncGenerator<MessageInitShape<typeof AttachRequestSchema>> {
    for (const announced of [this.usersAdded, this.usersRemoved, this.usersChanged, this.slicesAdded, this.slicesRemoved]) announced.clear();
    this.broadcasts = undefined;
    yield { gatewayId: this.deps.gatewayId, broadcasts: false };
    while (!signal.aborted) {
      if (this.usersAdded.size + this.usersRemoved.size + this.usersChanged.size + this.slicesAdded.size + this.slicesRemoved.size === 0 && this.broadcasts === undefined) {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
        this.wake = undefined;
        continue;
      }
      const { broadcasts } = this;
      this.broadcasts = undefined;
      const added = take(this.usersAdded);
      yield {
        slicesAdded: take(this.slicesAdded), slicesRemoved: take(this.slicesRemoved), usersAdded: added.map(BigInt), usersRemoved: take(this.usersRemoved).map(BigInt), broadcasts,
        soleSessions: this.soleSessions(added),
      };
    }
  }

  /** What is to be said of users that are added with this frame, and of those that changed. */
  private soleSessions(added: readonly number[]): MessageInitShape<typeof SoleSessionSchema>[] {
    const said: MessageInitShape<typeof SoleSessionSchema>[] = [];
    for (const user of added) {
      const sole = this.deps.soleSession(user);
      if (sole !== undefined) said.push({ userId: BigInt(user), ...sole });
      this.usersChanged.delete(user);
    }
    for (const user of take(this.usersChanged)) {
      // Those that wait to be added are spoken of then.
      if (!this.usersAdded.has(user)) said.push({ userId: BigInt(user), ...this.deps.soleSession(user) });
    }
    return said;
  }
}

function take(from: Set<number>): number[] {
  const taken: number[] = [];
  for (const one of from) {
    taken.push(one);
    from.delete(one);
    if (taken.length >= ANNOUNCED_USERS_MAX) break;
  }
  return taken;
}
