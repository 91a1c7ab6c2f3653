import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SessionRef } from '@heliograph/box/answered-caller';
import type { AttachResponseSchema, PushSchema } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { FRAME_PUSHES_MAX, GATEWAY_QUEUE_BYTES_MAX, GATEWAY_QUEUE_PUSHES_MAX } from './limits';

export type PushInit = MessageInitShape<typeof PushSchema>;
export type FrameInit = MessageInitShape<typeof AttachResponseSchema>;

/** Bytes that a push without updates counts for in the queue. */
const PUSH_BYTES = 64;

/** One attached gateway: the users it has sessions of, the channels it has members of, and the pushes that wait for it, in order. */
export class GatewayStream {
  /** Each user's only session there; undefined: there may be several, or it is a channel. */
  readonly users = new Map<number, SessionRef | undefined>();
  /** Slices that the gateway wants followed here. */
  readonly slices = new Set<number>();
  /** Whether pushes without users go over this stream. */
  broadcasts = true;
  /** Wanted slices that are followed now, to be told with the next frame. */
  private followed: number[] = [];
  private queue: PushInit[] = [];
  private queuedBytes = 0;
  private wake: (() => void) | undefined;
  private ended = false;
  /** The queue was dropped because the gateway took too little. */
  overflowed = false;

  constructor(readonly gatewayId: string) {}

  /** Queues a push. Ends the stream when more waits than the limits allow. */
  push(push: PushInit): void {
    if (this.ended) return;
    this.queue.push(push);
    this.queuedBytes += sizeOf(push);
    if (this.queue.length > GATEWAY_QUEUE_PUSHES_MAX || this.queuedBytes > GATEWAY_QUEUE_BYTES_MAX) {
      this.overflowed = true;
      this.queue = [];
      this.queuedBytes = 0;
      this.end();
    }
    this.signal();
  }

  /** Tells the gateway that these slices are followed from now on. */
  announceFollowed(slices: readonly number[]): void {
    this.followed.push(...slices);
    this.signal();
  }

  /** Lets `frames` end after what is queued. */
  end(): void {
    this.ended = true;
    this.signal();
  }

  /**
   * Frames as fast as the gateway takes them: all that gathered meanwhile, FRAME_PUSHES_MAX at a time.
   * @param following slices that are followed already
   */
  async *frames(onFrame: (pushes: number) => void, following: readonly number[] = []): AsyncGenerator<FrameInit> {
    // Tells the gateway that its announcement is in force.
    yield { pushes: [], sliced: true, slices: [...following] };
    for (;;) {
      if (this.followed.length > 0) yield { pushes: [], slices: this.followed.splice(0) };
      if (this.queue.length === 0) {
        if (this.ended) return;
        if (this.followed.length > 0) continue;
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
        continue;
      }
      const pushes = this.take();
      onFrame(pushes.length);
      yield { pushes };
    }
  }

  private take(): PushInit[] {
    const pushes = this.queue.length <= FRAME_PUSHES_MAX ? this.queue : this.queue.slice(0, FRAME_PUSHES_MAX);
    this.queue = this.queue.length <= FRAME_PUSHES_MAX ? [] : this.queue.slice(FRAME_PUSHES_MAX);
    if (this.queue.length === 0) this.queuedBytes = 0;
    else for (const push of pushes) this.queuedBytes -= sizeOf(push);
    return pushes;
  }

  private signal(): void {
    const wake = this.wake;
    this.wake = undefined;
    wake?.();
  }
}

function sizeOf({ what }: PushInit): number {
  if (what?.case === 'updates') return PUSH_BYTES + what.value.length;
  if (what?.case !== 'channel') return PUSH_BYTES;
  let bytes = PUSH_BYTES + (what.value.updates?.length ?? 0);
  for (const { updates } of what.value.variants ?? []) bytes += PUSH_BYTES + (updates?.length ?? 0);
  return bytes;
}
