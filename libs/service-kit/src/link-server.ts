import { create, type DescMethod, type Message } from '@bufbuild/protobuf';
import { decode, encode } from '@heliograph/protos/codec';
import { CarryRequestSchema, CarryResponseSchema, LinkService, type Call, type CarryRequest, type CarryResponse, type Failure } from '@heliograph/protos/heliograph/link/v1/link_pb';
import type { ServerDuplexStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import { CallError } from './call-error';
import type { Deadlined, DeadlineWheel } from './deadline-wheel';
import { toFailure } from './grpc-status';
import type { CallContext } from './kit';
import { LINK_AGE_MS, LINK_CALLS_MAX, LINK_FRAME_BYTES } from './limits';

/** A unary method as links call it. */
export interface LinkedMethod {
  readonly method: DescMethod;
  /** Request and response as messages; rejects with a CallError. */
  run(request: Message, context: CallContext): Promise<Uint8Array>;
}

/** The links that clients opened to one server. */
export class LinkServer {
  private readonly links = new Set<Link>();
  private draining = false;

  constructor(private readonly methods: ReadonlyMap<string, LinkedMethod>, private readonly wheel: DeadlineWheel) {}

  readonly definition = {
    carry: {
      path: `/${LinkService.typeName}/Carry`,
      requestStream: true,
      responseStream: true,
      originalName: 'carry',
      requestSerialize: (frame: CarryRequest): Buffer => encode(CarryRequestSchema, frame),
      // NOTE: zero-copy: requests are views into the frame.
      requestDeserialize: (bytes: Buffer): CarryRequest => decode(CarryRequestSchema, bytes),
      responseSerialize: (frame: CarryResponse): Buffer => encode(CarryResponseSchema, frame),
      responseDeserialize: (bytes: Buffer): CarryResponse => decode(CarryResponseSchema, bytes),
    },
  };

  readonly implementation: UntypedServiceImplementation = {
    carry: ((stream: ServerDuplexStream<CarryRequest, CarryResponse>) => {
      const link = new Link(stream, this.methods, this.wheel, () => this.links.delete(link));
      this.links.add(link);
      if (this.draining) link.close();
    }) as UntypedServiceImplementation[string],
  };

  /** Takes no more calls; each link ends when what it took is answered. */
  drain(): void {
    this.draining = true;
    for (const link of this.links) link.close();
  }
}

/** A call that a link took: the handler's context, and a deadline on the wheel. */
class LinkedCall implements CallContext, Deadlined {
  dueTick = 0;
  previousDeadlined: Deadlined | undefined;
  nextDeadlined: Deadlined | undefined;
  private controller: AbortController | undefined;
  private reason: CallError | undefined;

  constructor(readonly traceparent: string) {}

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.reason !== undefined) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  /** The caller has given up by its own clock, or does in this moment: what the handler answers now comes too late. */
  expired = false;

  expire(): void {
    this.expired = true;
    this.abort(new CallError('CANCELLED', 'the deadline passed'));
  }

  abort(reason: CallError): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    this.controller?.abort(reason);
  }
}

class Link {
  private readonly calls = new Map<number, LinkedCall>();
  private answers: CarryResponse = create(CarryResponseSchema);
  private bytes = 0;
  private scheduled = false;
  private blocked = false;
  private closing = false;
  private ended = false;
  private readonly ageing: NodeJS.Timeout;

  constructor(
    private readonly stream: ServerDuplexStream<CarryRequest, CarryResponse>,
    private readonly methods: ReadonlyMap<string, LinkedMethod>,
    private readonly wheel: DeadlineWheel,
    private readonly onEnd: () => void,
  ) {
    this.ageing = setTimeout(() => this.close(), LINK_AGE_MS * (0.9 + Math.random() / 5));
    this.ageing.unref();
    stream.on('data', (frame: CarryRequest) => this.take(frame));
    stream.on('end', () => this.close());
    stream.on('error', () => this.leave());
    stream.on('cancelled', () => this.leave());
    stream.on('drain', () => {
      this.blocked = false;
      stream.resume();
      this.flush();
    });
  }

  close(): void {
    if (this.closing || this.ended) return;
    this.closing = true;
    this.answers.closing = true;
    this.schedule();
  }

  private take(frame: CarryRequest): void {
    for (const id of frame.cancelled) this.calls.get(id)?.abort(new CallError('CANCELLED', 'the caller gave up'));
    for (const call of frame.calls) this.begin(call);
  }

  private begin(call: Call): void {
    const linked = this.methods.get(call.method);
    if (this.closing) return this.fail(call.id, { ...toFailure(new CallError('UNAVAILABLE', 'the link is closing', false)), refused: true });
    if (linked === undefined) return this.fail(call.id, toFailure(new CallError('UNIMPLEMENTED', call.method)));
    if (this.calls.size >= LINK_CALLS_MAX || this.calls.has(call.id)) return this.fail(call.id, { ...toFailure(new CallError('RESOURCE_EXHAUSTED', 'too many calls on one link', false)), refused: true });
    let request: Message;
    try {
      request = decode(linked.method.input, call.request);
    } catch {
      return this.fail(call.id, toFailure(new CallError('INTERNAL', 'the request can not be read')));
    }
    const context = new LinkedCall(call.traceparent);
    this.calls.set(call.id, context);
    this.wheel.add(context, call.deadlineMs);
    const settled = (): void => {
      this.calls.delete(call.id);
      this.wheel.remove(context);
    };
    linked.run(request, context).then((response) => {
      settled();
      if (context.expired) return this.fail(call.id, toFailure(new CallError('DEADLINE_EXCEEDED', call.method)));
      this.answers.answers.push({ $typeName: 'heliograph.link.v1.Answer', id: call.id, outcome: { case: 'response', value: response } });
      this.bytes += response.length;
      this.schedule();
    }, (error: CallError) => {
      settled();
      this.fail(call.id, toFailure(context.expired ? new CallError('DEADLINE_EXCEEDED', call.method) : error));
    });
  }

  private fail(id: number, failure: Failure): void {
    this.answers.answers.push({ $typeName: 'heliograph.link.v1.Answer', id, outcome: { case: 'failure', value: failure } });
    this.schedule();
  }

  private schedule(): void {
    if (this.ended) return;
    if (this.bytes > LINK_FRAME_BYTES && !this.blocked) return this.flush();
    if (this.scheduled || this.blocked) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    if (this.ended || this.blocked) return;
    const frame = this.answers;
    if (frame.answers.length > 0 || frame.closing) {
      this.answers = create(CarryResponseSchema);
      this.bytes = 0;
      if (!this.stream.write(frame)) {
        this.blocked = true;
        // Whoever does not take the answers makes no more calls.
        this.stream.pause();
      }
    }
    if (this.closing && this.calls.size === 0 && this.answers.answers.length === 0) {
      this.leave();
      this.stream.end();
    }
  }

  /** The client is gone, or all is answered. */
  private leave(): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.ageing);
    for (const call of this.calls.values()) {
      this.wheel.remove(call);
      call.abort(new CallError('CANCELLED', 'the caller is gone'));
    }
    this.onEnd();
  }
}
