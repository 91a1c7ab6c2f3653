import { create } from '@bufbuild/protobuf';
import { type Client as Channel, type ClientDuplexStream, type ServiceError, status as grpcStatus } from '@grpc/grpc-js';
import { decode, encode } from '@heliograph/protos/codec';
import { ClockService } from '@heliograph/protos/heliograph/clock/v1/clock_pb';
import { CarryRequestSchema, CarryResponseSchema, LinkService, type Answer, type CarryRequest, type CarryResponse } from '@heliograph/protos/heliograph/link/v1/link_pb';
import { CallError } from './call-error';
import type { Deadlined, DeadlineWheel } from './deadline-wheel';
import { failureOf } from './grpc-status';
import { LINK_CALLS_MAX, LINK_FRAME_BYTES, LINK_PROBE_MS, LINK_QUIET_MS, LINK_REFUSED_MS } from './limits';
import { methodName } from './network';

const CARRY_PATH = `/${methodName(LinkService.method.carry)}`;
/** Every server answers it at once, whatever else it has to do. */
const PROBE = methodName(ClockService.method.now);
const encodeRequest = (frame: CarryRequest): Buffer => encode(CarryRequestSchema, frame);
// NOTE: zero-copy: answers are views into the frame.
const decodeResponse = (bytes: Buffer): CarryResponse => decode(CarryResponseSchema, bytes);

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
 *
 * A server whose process stands still, or that a network swallows, takes connections and answers nothing; the kernel does that for it. So
 * after LINK_QUIET_MS without a word while calls wait it is probed, and without an answer within LINK_PROBE_MS it counts as silent: from then
 * on each call fails at once as one that reached nobody, and is made elsewhere, until the server is heard again.
 */
export class CallLink {
  private stream: CarryStream | undefined;
  /** Milliseconds of the process; until then the server counts as one without links. */
  private refusedUntil = 0;
  private isSilent = false;

  /** @param patience a test's, in milliseconds */
  constructor(private readonly channel: Channel, private readonly wheel: DeadlineWheel, private readonly patience: Patience = { quietMs: LINK_QUIET_MS, probeMs: LINK_PROBE_MS }) {}

  /** Whether calls may be tried; false for a while after the server said that it has no links. */
  get usable(): boolean {
    return performance.now() >= this.refusedUntil;
  }

  /** The server was asked for a sign of life and gave none. */
  get silent(): boolean {
    return this.isSilent;
  }

  /**
   * Resolves with the response's bytes.
   * @param deadline Unix milliseconds
   * @throws CallError as a unary call would; NoLink when the server has none (nothing was done)
   */
  call(method: string, request: Uint8Array, deadline: number, signal: AbortSignal | undefined, traceparent: string): Promise<Uint8Array> {
    const stream = this.opened();
    if (!this.isSilent) return stream.call(method, request, deadline, signal, traceparent);
    stream.probe();
    return Promise.reject(new CallError('UNAVAILABLE', 'the server does not answer', false));
  }

  private opened(): CarryStream {
    if (this.stream?.open !== true) {
      this.stream = new CarryStream(this.channel, this.wheel, {
        refused: () => { this.refusedUntil = performance.now() + LINK_REFUSED_MS; },
        silent: (silent) => { this.isSilent = silent; },
      }, this.patience);
    }
    return this.stream;
  }
}

interface Patience {
  readonly quietMs: number;
  readonly probeMs: number;
}

/** What a stream tells its link. */
interface StreamReports {
  /** The server has no links. */
  refused(): void;
  /** The server answers nothing, or something again. */
  silent(silent: boolean): void;
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
  /** Frames that came so far. */
  private heard = 0;
  /** Calls wait, and the next word of the server is being waited for. */
  private watching = false;
  private probing = false;

  constructor(private readonly channel: Channel, private readonly wheel: DeadlineWheel, private readonly reports: StreamReports, private readonly patience: Patience) {
    this.stream = channel.makeBidiStreamRequest(CARRY_PATH, encodeRequest, decodeResponse, {});
    this.stream.on('data', (frame: CarryResponse) => this.take(frame));
    this.stream.on('error', (error: ServiceError) => this.end(error));
    this.stream.on('end', () => queueMicrotask(() => this.end(undefined)));
    this.stream.on('drain', () => {
      this.blocked = false;
      this.flush();
    });
  }

  call(method: string, request: Uint8Array, deadline: number, signal: AbortSignal | undefined, traceparent: string): Promise<Uint8Array> {
    if (this.waiting.size >= LINK_CALLS_MAX) return Promise.reject(new CallError('RESOURCE_EXHAUSTED', `more than ${LINK_CALLS_MAX} calls wait for one server`, false));
    this.watch();
    return this.begin(method, request, deadline, signal, traceparent);
  }

  private begin(method: string, request: Uint8Array, deadline: number, signal: AbortSignal | undefined, traceparent: string): Promise<Uint8Array> {
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

  /** Asks whether anybody is there. */
  probe(): void {
    if (this.probing || !this.open) return;
    this.probing = true;
    const { heard } = this;
    const answered = (): void => { this.probing = false; };
    this.begin(PROBE, new Uint8Array(0), Date.now() + this.patience.probeMs, undefined, '').then(answered, (error: CallError) => {
      if (error.code !== 'DEADLINE_EXCEEDED') return answered();
      // What came while this process itself did not get round to reading is read by then.
      setImmediate(() => setImmediate(() => {
        answered();
        if (this.heard === heard) this.foundSilent();
      }));
    });
  }

  /** While calls wait: a look now and then whether anything was heard. */
  private watch(): void {
    if (this.watching) return;
    this.watching = true;
    const { heard } = this;
    const look: Deadlined = {
      dueTick: 0, previousDeadlined: undefined, nextDeadlined: undefined,
      expire: () => {
        this.watching = false;
        if (!this.open || this.waiting.size === 0) return;
        if (this.heard === heard) this.probe();
        else this.watch();
      },
    };
    this.wheel.add(look, this.patience.quietMs);
  }

  private foundSilent(): void {
    if (!this.open) return;
    this.reports.silent(true);
    // Calls that no connection was made for reached nobody; those that left may yet be answered.
    if (!wasSent(this.stream, this.channel)) this.stream.cancel();
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
    this.heard += 1;
    this.reports.silent(false);
    for (const answer of frame.answers) this.waiting.get(answer.id)?.settle(outcomeOf(answer));
    if (frame.closing) {
      this.open = false;
      if (this.waiting.size === 0) this.stream.end();
    }
  }

  private end(error: ServiceError | undefined): void {
    this.open = false;
    this.queue = [];
    this.cancelled = [];
    if (error?.code === grpcStatus.UNIMPLEMENTED) this.reports.refused();
    const reached = error === undefined || wasSent(this.stream, this.channel);
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
