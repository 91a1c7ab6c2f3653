import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Client as Channel, type ClientDuplexStream, type ServiceError, status as grpcStatus } from '@grpc/grpc-js';
import { CarryRequestSchema, CarryResponseSchema, LinkService, type Answer, type CarryRequest, type CarryResponse } from '@heliograph/protos/heliograph/link/v1/link_pb';
import { CallError } from './call-error';
import type { Deadlined, DeadlineWheel } from './deadline-wheel';
import { failureOf } from './grpc-status';
import { LINK_CALLS_MAX, LINK_FRAME_BYTES, LINK_REFUSED_MS } from './limits';
import { methodName } from './network';

const CARRY_PATH = `/${methodName(LinkService.method.carry)}`;
const encodeRequest = (frame: CarryRequest): Buffer => Buffer.from(toBinary(CarryRequestSchema, frame));
// NOTE: zero-copy: answers are views into the frame.
const decodeResponse = (bytes: Buffer): CarryResponse => fromBinary(CarryResponseSchema, bytes);

/** A server that has no links yet: an older release. */
export class NoLink extends Error {
  override readonly name = 'NoLink';
}

interface Waiting extends Deadlined {
  readonly id: number;
  readonly method: string;
  request: Uint8Array | undefined;
  readonly deadline: number;
  readonly traceparent: string;
  /** It may have reached the server. */
  sent: boolean;
  settle(outcome: Uint8Array | Error): void;
}

/**
 * Carries unary calls to one server over one stream: what is due in one turn of the event loop leaves in one frame. A link ends when its
 * stream does; calls that left with it fail with UNAVAILABLE, and the next call opens another.
 */
export class CallLink {
  private stream: CarryStream | undefined;
  /** Milliseconds of the process; until then the server counts as one without links. */
  private refusedUntil = 0;

  constructor(private readonly channel: Channel, private readonly wheel: DeadlineWheel) {}

  /** Whether calls may be tried; false for a while after the server said that it has no links. */
  get usable(): boolean {
    return performance.now() >= this.refusedUntil;
  }

  /**
   * Resolves with the response's bytes.
   * @param deadline Unix milliseconds
   * @throws CallError as a unary call would; NoLink when the server has none (nothing was done)
   */
  call(method: string, request: Uint8Array, deadline: number, signal: AbortSignal | undefined, traceparent: string): Promise<Uint8Array> {
    if (this.stream?.open !== true) this.stream = new CarryStream(this.channel, this.wheel, () => { this.refusedUntil = performance.now() + LINK_REFUSED_MS; });
    return this.stream.call(method, request, deadline, signal, traceparent);
  }
}

class CarryStream {
  /** Takes further calls. */
  open = true;
  private readonly stream: ClientDuplexStream<CarryRequest, CarryResponse>;
  private readonly waiting = new Map<number, Waiting>();
  private queue: Waiting[] = [];
  private cancelled: number[] = [];
  private scheduled = false;
  private blocked = false;
  private lastId = 0;

  constructor(channel: Channel, private readonly wheel: DeadlineWheel, private readonly onRefused: () => void) {
    this.stream = channel.makeBidiStreamRequest(CARRY_PATH, encodeRequest, decodeResponse, {});
    this.stream.on('data', (frame: CarryResponse) => this.take(frame));
    this.stream.on('error', (error: ServiceError) => this.end(error, channel));
    this.stream.on('end', () => queueMicrotask(() => this.end(undefined, channel)));
    this.stream.on('drain', () => {
      this.blocked = false;
      this.flush();
    });
  }

  call(method: string, request: Uint8Array, deadline: number, signal: AbortSignal | undefined, traceparent: string): Promise<Uint8Array> {
    if (this.waiting.size >= LINK_CALLS_MAX) return Promise.reject(new CallError('RESOURCE_EXHAUSTED', `more than ${LINK_CALLS_MAX} calls wait for one server`, false));
    return new Promise((resolve, reject) => {
      do this.lastId = (this.lastId + 1) >>> 0; while (this.waiting.has(this.lastId));
      const id = this.lastId;
      const cancel = (): void => this.giveUp(entry, 'CANCELLED', 'the caller gave up');
      const entry: Waiting = {
        id, method, request, deadline, traceparent, sent: false, dueTick: 0, previousDeadlined: undefined, nextDeadlined: undefined,
        expire: () => this.giveUp(entry, 'DEADLINE_EXCEEDED', method),
        settle: (outcome) => {
          this.waiting.delete(id);
          this.wheel.remove(entry);
          signal?.removeEventListener('abort', cancel);
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
          if (!this.open && this.waiting.size === 0) this.stream.end();
        },
      };
      this.waiting.set(id, entry);
      this.wheel.add(entry, Math.max(0, deadline - Date.now()));
      signal?.addEventListener('abort', cancel);
      this.queue.push(entry);
      this.schedule();
    });
  }

  private giveUp(entry: Waiting, code: 'CANCELLED' | 'DEADLINE_EXCEEDED', message: string): void {
    if (!this.waiting.has(entry.id)) return;
    if (entry.sent) {
      this.cancelled.push(entry.id);
      this.schedule();
    } else {
      entry.request = undefined;
    }
    entry.settle(new CallError(code, message, entry.sent));
  }

  /** At the end of the turn, when every socket that had something was read. */
  private schedule(): void {
    if (this.scheduled || this.blocked) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    while (!this.blocked && (this.queue.length > 0 || this.cancelled.length > 0)) {
      const frame = create(CarryRequestSchema);
      frame.cancelled = this.cancelled;
      this.cancelled = [];
      const now = Date.now();
      let bytes = 0;
      let taken = 0;
      for (const entry of this.queue) {
        if (bytes > LINK_FRAME_BYTES) break;
        taken += 1;
        const { request } = entry;
        // Given up before it left.
        if (request === undefined) continue;
        bytes += request.length;
        frame.calls.push({ $typeName: 'heliograph.link.v1.Call', id: entry.id, method: entry.method, request, deadlineMs: Math.max(1, entry.deadline - now), traceparent: entry.traceparent });
        entry.sent = true;
        entry.request = undefined;
      }
      this.queue = taken === this.queue.length ? [] : this.queue.slice(taken);
      if (frame.calls.length === 0 && frame.cancelled.length === 0) continue;
      if (!this.stream.write(frame)) this.blocked = true;
    }
  }

  private take(frame: CarryResponse): void {
    for (const answer of frame.answers) this.waiting.get(answer.id)?.settle(outcomeOf(answer));
    if (frame.closing) {
      this.open = false;
      if (this.waiting.size === 0) this.stream.end();
    }
  }

  private end(error: ServiceError | undefined, channel: Channel): void {
    this.open = false;
    this.queue = [];
    this.cancelled = [];
    if (error?.code === grpcStatus.UNIMPLEMENTED) this.onRefused();
    const reached = error === undefined || wasSent(this.stream, channel);
    for (const entry of [...this.waiting.values()]) {
      // Whatever ended the stream (a connection that broke, a server that was cut off), nobody answers these any more.
      entry.settle(error?.code === grpcStatus.UNIMPLEMENTED ? new NoLink() : new CallError('UNAVAILABLE', error?.details ?? 'the server ended the link', reached && entry.sent));
    }
  }
}

function outcomeOf({ outcome }: Answer): Uint8Array | Error {
  if (outcome.case === 'response') return outcome.value;
  return outcome.case === 'failure' ? failureOf(outcome.value) : new CallError('INTERNAL', 'an answer without an outcome');
}

/** False when the call certainly never reached a server: no connection was picked for it. */
export function wasSent(call: { getPeer(): string }, channel: Channel): boolean {
  return call.getPeer() !== channel.getChannel().getTarget() && call.getPeer() !== 'unknown';
}
