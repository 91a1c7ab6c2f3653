import { create, type DescMessage, type DescMethod, type DescService, type Message } from '@bufbuild/protobuf';
import { CallError } from './call-error';
import { type Deadlined, DeadlineWheel } from './deadline-wheel';
import { handlerFailure } from './handler-failure';
import type { CallContext, CallOptions, Client, Handlers, Logger } from './kit';
import { DEADLINE_DEFAULT_MS, WAITING_CALLS_MAX } from './limits';
import { type Address, addressKey, methodName, type Network } from './network';
import type { RpcRecord } from './rpc-record';
import { pump, StreamBuffer } from './stream-buffer';

type Init = Record<string, unknown>;
type AnyUnary = (request: Message, context: CallContext) => Promise<Init>;
type AnyStream = (requests: AsyncIterable<Message>, context: CallContext) => AsyncIterable<Init>;

/** One served contract; clients hold it from before it is served. */
interface Endpoint {
  readonly key: string;
  service: string;
  handlers: Record<string, AnyUnary & AnyStream> | undefined;
  draining: boolean;
  /** Unary calls. */
  inFlight: number;
  readonly streams: Set<LocalCall>;
  /** Calls made before the contract is served. */
  waiting: (() => void)[];
  /** Waits of `drain`. */
  idle: (() => void)[];
}

export interface LocalNetworkOptions {
  log(service: string, dc: number): Logger;
  record?: RpcRecord;
  wheel?: DeadlineWheel;
}

/**
 * Calls between the services of one process: the same handlers, deadlines, errors and records as over gRPC, without
 * sockets or serialisation. Messages pass by reference: neither side changes one after handing it over.
 */
export class LocalNetwork implements Network {
  private readonly endpoints = new Map<string, Endpoint>();
  private readonly wheel: DeadlineWheel;

  constructor(private readonly options: LocalNetworkOptions) {
    this.wheel = options.wheel ?? new DeadlineWheel();
  }

  serve<S extends DescService>(address: Address, desc: S, handlers: Handlers<S>): void {
    const endpoint = this.endpoint(address.dc, desc, address.owner);
    if (endpoint.handlers !== undefined) throw new Error(`${endpoint.key} is served twice`);
    const log = this.options.log(address.service, address.dc);
    const bound: Record<string, AnyUnary & AnyStream> = {};
    for (const method of desc.methods) {
      const handler = (handlers as Record<string, unknown>)[method.localName];
      if (typeof handler !== 'function') throw new Error(`${address.service} serves ${desc.typeName} without ${method.localName}`);
      bound[method.localName] = (method.methodKind === 'unary' ? this.boundUnary(method, handler as AnyUnary, log) : this.boundStream(method, handler as AnyStream, log)) as AnyUnary & AnyStream;
    }
    endpoint.service = address.service;
    endpoint.handlers = bound;
    const { waiting } = endpoint;
    endpoint.waiting = [];
    for (const wake of waiting) wake();
  }

  client<S extends DescService>(address: Address, desc: S): Client<S> {
    const endpoint = this.endpoint(address.dc, desc, address.owner);
    const client: Record<string, unknown> = {};
    for (const method of desc.methods) {
      client[method.localName] = method.methodKind === 'unary' ? this.unaryClient(endpoint, method) : this.streamClient(endpoint, method);
    }
    return client as Client<S>;
  }

  replicas(): number {
    return 1;
  }

  listen(): Promise<void> {
    return Promise.resolve();
  }

  async drain(dc: number, service: string, timeoutMs: number): Promise<void> {
    const own = [...this.endpoints.values()].filter((endpoint) => endpoint.service === service && endpoint.key.startsWith(`${dc}/`));
    for (const endpoint of own) {
      endpoint.draining = true;
      // Streams have no end to wait for: their callers open another when the service is back.
      for (const stream of endpoint.streams) stream.fail(new CallError('UNAVAILABLE', `${service} is shutting down`));
    }
    const idle = Promise.all(own.map((endpoint) => (endpoint.inFlight === 0 ? undefined : new Promise<void>((resolve) => endpoint.idle.push(resolve)))));
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([idle, new Promise<void>((resolve) => { timer = setTimeout(resolve, timeoutMs); })]);
    clearTimeout(timer);
  }

  close(): Promise<void> {
    for (const endpoint of this.endpoints.values()) endpoint.draining = true;
    return Promise.resolve();
  }

  private endpoint(dc: number, desc: DescService, owner: string | undefined): Endpoint {
    const key = addressKey(dc, desc, owner);
    let endpoint = this.endpoints.get(key);
    if (endpoint === undefined) {
      endpoint = { key, service: '', handlers: undefined, draining: false, inFlight: 0, streams: new Set(), waiting: [], idle: [] };
      this.endpoints.set(key, endpoint);
    }
    return endpoint;
  }

  private boundUnary(method: DescMethod, handler: AnyUnary, log: Logger): AnyUnary {
    const { record } = this.options;
    const output = method.output as DescMessage;
    const run = async (request: Message, context: CallContext): Promise<Init> => {
      try {
        return create(output, await handler(request, context)) as unknown as Init;
      } catch (error) {
        throw handlerFailure(error, method, log, context.traceparent);
      }
    };
    if (record === undefined) return run;
    return (request, context) => record.server(method, 'in_process', context.traceparent, () => run(request, context));
  }

  private boundStream(method: DescMethod, handler: AnyStream, log: Logger): AnyStream {
    return async function* stream(requests, context) {
      try {
        yield* handler(requests, context);
      } catch (error) {
        throw handlerFailure(error, method, log, context.traceparent);
      }
    };
  }

  private unaryClient(endpoint: Endpoint, method: DescMethod): (request: Init, options?: CallOptions) => Promise<Message> {
    const input = method.input as DescMessage;
    const { wheel, options: { record } } = this;
    const name = method.localName;
    const start = (request: Init, options: CallOptions | undefined, traceparent: string): Promise<Message> => new Promise((resolve, reject) => {
      const call = new LocalCall(endpoint, method, wheel, options, traceparent, reject);
      const dispatch = (): void => {
        if (call.settled) return;
        if (endpoint.draining) return call.fail(new CallError('UNAVAILABLE', `${endpoint.service} is shutting down`, false));
        const handler = (endpoint.handlers as Record<string, AnyUnary>)[name] as AnyUnary;
        const message = create(input, request);
        endpoint.inFlight += 1;
        // The handler may go on after the caller gave up: it is in flight until it is done.
        handler(message, call).then(
          (response) => {
            finished(endpoint);
            if (call.settle()) resolve(response as unknown as Message);
          },
          (error: unknown) => {
            finished(endpoint);
            call.fail(error as CallError);
          },
        );
      };
      if (call.settled) return;
      if (endpoint.handlers !== undefined) dispatch();
      else if (endpoint.waiting.length < WAITING_CALLS_MAX) endpoint.waiting.push(dispatch);
      else call.fail(new CallError('RESOURCE_EXHAUSTED', `more than ${WAITING_CALLS_MAX} calls wait for ${endpoint.key} to be served`, false));
    });
    if (record === undefined) return (request, options) => start(request, options, '');
    return (request, options) => record.client(method, 'in_process', (traceparent) => start(request, options, traceparent));
  }

  private streamClient(endpoint: Endpoint, method: DescMethod): (requests: AsyncIterable<Init>, options?: CallOptions) => AsyncIterable<Message> {
    const input = method.input as DescMessage;
    const output = method.output as DescMessage;
    const { wheel, options: { record } } = this;
    return (requests, options) => {
      const span = record?.stream(method, 'client', 'in_process', '');
      let leaveRequests = (): void => {};
      let leaveResponses = (): void => {};
      const finish = (error?: unknown): void => {
        endpoint.streams.delete(call);
        leaveRequests();
        span?.end(error);
      };
      const inbound = new StreamBuffer<Message>(() => leaveRequests());
      const outbound = new StreamBuffer<Message>((): void => call.fail(new CallError('CANCELLED', 'the caller left the stream')));
      if (options?.signal?.aborted === true) {
        const givenUp = new CallError('CANCELLED', 'the caller gave up', false);
        span?.end(givenUp);
        outbound.fail(givenUp);
        return outbound;
      }
      // A stream lives as long as both sides want, unless it is given a deadline.
      const call: LocalCall = new LocalCall(endpoint, method, wheel, options?.deadlineMs === undefined ? { ...options, deadlineMs: Infinity } : options, span?.traceparent ?? '', (error) => {
        inbound.fail(error);
        outbound.fail(error);
        leaveResponses();
        finish(error);
      });
      const dispatch = (): void => {
        if (call.settled) return;
        if (endpoint.draining) return call.fail(new CallError('UNAVAILABLE', `${endpoint.service} is shutting down`, false));
        const handler = (endpoint.handlers as Record<string, AnyStream>)[method.localName] as AnyStream;
        endpoint.streams.add(call);
        const serverSpan = record?.stream(method, 'server', 'in_process', call.traceparent);
        const responses = (async function* observed() {
          try {
            yield* handler(inbound, call);
            serverSpan?.end();
            if (call.settle()) finish();
          } catch (error) {
            serverSpan?.end(error);
            call.fail(error as CallError);
            throw error;
          }
        })();
        leaveResponses = pump(responses, outbound, (response) => create(output, response), (error) => error);
      };
      leaveRequests = pump(requests, inbound, (request) => create(input, request), (error) => error);
      if (call.settled) return outbound;
      if (endpoint.handlers !== undefined) dispatch();
      else if (endpoint.waiting.length < WAITING_CALLS_MAX) endpoint.waiting.push(dispatch);
      else call.fail(new CallError('RESOURCE_EXHAUSTED', `more than ${WAITING_CALLS_MAX} calls wait for ${endpoint.key} to be served`, false));
      return outbound;
    };
  }
}

function finished(endpoint: Endpoint): void {
  endpoint.inFlight -= 1;
  if (endpoint.inFlight > 0 || endpoint.idle.length === 0) return;
  const { idle } = endpoint;
  endpoint.idle = [];
  for (const wake of idle) wake();
}

/** A call in flight. Its abort signal is made only when somebody asks for it: most handlers never do. */
class LocalCall implements CallContext, Deadlined {
  dueTick = 0;
  previousDeadlined: Deadlined | undefined = undefined;
  nextDeadlined: Deadlined | undefined = undefined;
  settled = false;
  private failure: CallError | undefined = undefined;
  private controller: AbortController | undefined = undefined;
  private readonly callerSignal: AbortSignal | undefined;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly method: DescMethod,
    private readonly wheel: DeadlineWheel,
    options: CallOptions | undefined,
    readonly traceparent: string,
    private readonly reject: (error: CallError) => void,
  ) {
    const deadlineMs = options?.deadlineMs ?? DEADLINE_DEFAULT_MS;
    this.callerSignal = options?.signal;
    if (this.callerSignal !== undefined) {
      if (this.callerSignal.aborted) {
        this.settled = true;
        this.failure = new CallError('CANCELLED', 'the caller gave up', false);
        reject(this.failure);
        return;
      }
      this.callerSignal.addEventListener('abort', this.onCallerAbort);
    }
    if (deadlineMs !== Infinity) wheel.add(this, deadlineMs);
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.failure !== undefined) this.controller.abort(this.failure);
    }
    return this.controller.signal;
  }

  expire(): void {
    const what = this.endpoint.handlers === undefined ? 'nobody serves it yet' : 'no answer within the deadline';
    this.fail(new CallError('DEADLINE_EXCEEDED', `${methodName(this.method)}: ${what}`, this.endpoint.handlers !== undefined));
  }

  /** False when the call has ended already. */
  settle(): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.wheel.remove(this);
    this.callerSignal?.removeEventListener('abort', this.onCallerAbort);
    return true;
  }

  fail(error: CallError): void {
    if (!this.settle()) return;
    this.failure = error;
    this.controller?.abort(error);
    this.reject(error);
  }

  private readonly onCallerAbort = (): void => this.fail(new CallError('CANCELLED', 'the caller gave up'));
}
