import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AttachRequestSchema, FanoutService, Push } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { Client, Clock, Logger } from '@heliograph/service-kit/kit';
import { ANNOUNCED_USERS_MAX, ATTACH_BACKOFF_MAX_MS, ATTACH_BACKOFF_MIN_MS } from './limits';

export interface PushStreamDeps {
  gatewayId: string;
  fanout: Pick<Client<typeof FanoutService>, 'attach'>;
  clock: Pick<Clock, 'sleep'>;
  users(): Iterable<number>;
  onPush(push: Push): void;
  /** A stream broke: pushes may be missing. */
  onLost(): void;
  log: Logger;
}

/** The one stream from fanout: announces the users who are online here, takes their updates, comes back after every failure. */
export class PushStream {
  private readonly added = new Set<number>();
  private readonly removed = new Set<number>();
  private wake: (() => void) | undefined;
  private readonly stopped = new AbortController();
  /** True from the first frame of a stream until it breaks. */
  attached = false;

  constructor(private readonly deps: PushStreamDeps) {}

  userAdded(userId: number): void {
    if (!this.removed.delete(userId)) this.added.add(userId);
    this.signal();
  }

  userRemoved(userId: number): void {
    if (!this.added.delete(userId)) this.removed.add(userId);
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
        for await (const { pushes } of this.deps.fanout.attach(this.announcements(attempt.signal), { signal: attempt.signal })) {
          backoffMs = ATTACH_BACKOFF_MIN_MS;
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
      if (this.attached) this.deps.onLost();
      this.attached = false;
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

  /** All users first, then changes, several of one turn in one frame. */
  private async *announcements(signal: AbortSignal): AsyncGenerator<MessageInitShape<typeof AttachRequestSchema>> {
    this.added.clear();
    this.removed.clear();
    const all = [...this.deps.users()].map(BigInt);
    this.attached = true;
    yield { gatewayId: this.deps.gatewayId, usersAdded: all };
    while (!signal.aborted) {
      if (this.added.size === 0 && this.removed.size === 0) {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
        this.wake = undefined;
        continue;
      }
      yield { usersAdded: take(this.added), usersRemoved: take(this.removed) };
    }
  }
}

function take(from: Set<number>): bigint[] {
  const taken: bigint[] = [];
  for (const userId of from) {
    taken.push(BigInt(userId));
    from.delete(userId);
    if (taken.length >= ANNOUNCED_USERS_MAX) break;
  }
  return taken;
}
