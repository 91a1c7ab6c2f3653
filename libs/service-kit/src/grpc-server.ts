import { encode } from '@heliograph/protos/codec';
import type { Http2Server, ServerHttp2Session } from 'node:http2';
import type { DescMethod, DescService, Message } from '@bufbuild/protobuf';
import { type sendUnaryData, Server, ServerCredentials, type ServerDuplexStream, type ServerUnaryCall, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { ClockService } from '@heliograph/protos/heliograph/clock/v1/clock_pb';
import { HealthImplementation } from 'grpc-health-check';
import { CallError } from './call-error';
import { DeadlineWheel } from './deadline-wheel';
import { grpcService, type Init } from './grpc-definition';
import { type LinkedMethod, LinkServer } from './link-server';
import { methodName } from './network';
import { toStatus } from './grpc-status';
import { handlerFailure } from './handler-failure';
import type { CallContext, Handlers, Logger } from './kit';
import { GRPC_CONNECTION_AGE_MS, GRPC_CONNECTION_GRACE_MS, GRPC_MESSAGE_BYTES_MAX, GRPC_STREAMS_PER_CONNECTION_MAX, GRPC_WINDOW_BYTES } from './limits';
import type { RpcRecord } from './rpc-record';
import { pump, StreamBuffer } from './stream-buffer';

type AnyUnary = (request: Message, context: CallContext) => Promise<Init>;
type AnyStream = (requests: AsyncIterable<Message>, context: CallContext) => AsyncIterable<Init>;

export interface GrpcServerOptions {
  host: string;
  /** 0: the system chooses. */
  port: number;
  log: Logger;
  record?: RpcRecord;
}

/** One service's gRPC server, with its health service. */
export class GrpcServer {
  private readonly server = new Server({
    'grpc.max_receive_message_length': GRPC_MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': GRPC_MESSAGE_BYTES_MAX,
    'grpc.max_concurrent_streams': GRPC_STREAMS_PER_CONNECTION_MAX,
    'grpc.max_connection_age_ms': GRPC_CONNECTION_AGE_MS,
    'grpc.max_connection_age_grace_ms': GRPC_CONNECTION_GRACE_MS,
  });
  private readonly health = new HealthImplementation({ '': 'SERVING' });
  private readonly streams = new Set<ServerCall>();
  private readonly linked = new Map<string, LinkedMethod>();
  private readonly links = new LinkServer(this.linked, new DeadlineWheel());
  private draining = false;
  /** Resolves with the port when it listens. */
  readonly listening: Promise<number>;

  constructor(private readonly options: GrpcServerOptions) {
    widenWindows(this.server);
    this.health.addToServer(this.server);
    this.server.addService(this.links.definition, this.links.implementation);
    this.add(ClockService, { now: () => Promise.resolve({ unixMs: BigInt(Date.now()) }) });
    this.listening = new Promise((resolve, reject) => {
      this.server.bindAsync(`${options.host}:${options.port}`, ServerCredentials.createInsecure(), (error, port) => (error === null ? resolve(port) : reject(error)));
    });
    this.listening.catch(() => {});
  }

  add<S extends DescService>(desc: S, handlers: Handlers<S>): void {
    const implementation: UntypedServiceImplementation = {};
    for (const method of desc.methods) {
      const handler = (handlers as Record<string, unknown>)[method.localName];
      if (typeof handler !== 'function') throw new Error(`${desc.typeName} is served without ${method.localName}`);
      if (method.methodKind === 'unary') this.linked.set(methodName(method), this.linkedMethod(method, handler as AnyUnary));
      implementation[method.localName] = (method.methodKind === 'unary' ? this.unary(method, handler as AnyUnary) : this.stream(method, handler as AnyStream)) as UntypedServiceImplementation[string];
    }
    this.server.addService(grpcService(desc), implementation);
    this.health.setStatus(desc.typeName, 'SERVING');
  }

  /** Takes no new calls, ends streams, waits for unary calls; what is left after `timeoutMs` is cut off. */
  async drain(timeoutMs: number): Promise<void> {
    if (this.draining) return;
    this.draining = true;
    this.health.setStatus('', 'NOT_SERVING');
    this.links.drain();
    for (const stream of this.streams) stream.abort(new CallError('UNAVAILABLE', 'the server is shutting down'));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.server.forceShutdown();
        resolve();
      }, timeoutMs);
      this.server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  close(): void {
    this.server.forceShutdown();
  }

  private unary(method: DescMethod, handler: AnyUnary) {
    return (call: ServerUnaryCall<Message, Init>, callback: sendUnaryData<Init>): void => {
      const context = new ServerCall(call, traceparentOf(call));
      this.run(method, handler, call.request, context).then((response) => callback(null, response), (error: CallError) => callback(toStatus(error)));
    };
  }

  private linkedMethod(method: DescMethod, handler: AnyUnary): LinkedMethod {
    return { method, run: async (request, context) => encode(method.output, await this.run(method, handler, request, context)) };
  }

  /** Rejects with a CallError. */
  private async run(method: DescMethod, handler: AnyUnary, request: Message, context: CallContext): Promise<Init> {
    const { record, log } = this.options;
    const run = (): Promise<Init> => handler(request, context);
    try {
      return await (record === undefined ? run() : record.server(method, 'grpc', context.traceparent, run));
    } catch (error) {
      throw handlerFailure(error, method, log, context.traceparent);
    }
  }

  private stream(method: DescMethod, handler: AnyStream) {
    const { record, log } = this.options;
    return (call: ServerDuplexStream<Message, Init>): void => {
      const context = new ServerCall(call, traceparentOf(call));
      if (this.draining) {
        call.emit('error', toStatus(new CallError('UNAVAILABLE', 'the server is shutting down', false)));
        return;
      }
      this.streams.add(context);
      const span = record?.stream(method, 'server', 'grpc', context.traceparent);
      let ended = false;
      const inbound = new StreamBuffer<Message>(() => call.resume(), () => call.resume());
      const outbound = new StreamBuffer<Init>(() => leave());
      const end = (error?: CallError): void => {
        if (ended) return;
        ended = true;
        this.streams.delete(context);
        inbound.fail(error ?? new CallError('CANCELLED', 'the stream has ended'));
        // Requests still on their way are read and dropped, so that the stream can close.
        call.resume();
        span?.end(error);
        if (error === undefined) call.end();
        else {
          call.emit('error', toStatus(error));
          leave();
        }
      };
      // NOTE: not `for await (… of call)`: leaving that loop destroys the call, and with it the answers still to send.
      call.on('data', (message: Message) => {
        inbound.write(message);
        if (!inbound.hasRoom && !ended) call.pause();
      });
      call.on('end', () => inbound.end());
      context.onAbort(() => {
        const reason = context.signal.reason as CallError;
        // The caller is gone: there is nobody to tell.
        if (reason.code === 'CANCELLED') {
          inbound.fail(reason);
          ended = true;
          this.streams.delete(context);
          span?.end(reason);
          leave();
        } else end(reason);
      });
      const leave = pump(this.guardedHandler(method, handler, log)(inbound, context), outbound, (response) => response, (error) => error);
      void (async () => {
        try {
          for await (const response of outbound) {
            if (ended) return;
            if (!call.write(response)) await writable(call, context);
          }
          end();
        } catch (error) {
          end(error as CallError);
        }
      })();
    };
  }

  private guardedHandler(method: DescMethod, handler: AnyStream, log: Logger): AnyStream {
    return async function* guarded(requests, context) {
      try {
        yield* handler(requests, context);
      } catch (error) {
        // A handler that fails because its caller left has nothing to report.
        if (context.signal.aborted) throw context.signal.reason;
        throw handlerFailure(error, method, log, context.traceparent);
      }
    };
  }
}

/** The context of a call on the server's side. */
class ServerCall implements CallContext {
  private controller: AbortController | undefined;
  private reason: CallError | undefined;
  private listeners: (() => void)[] = [];

  constructor(call: { on(event: 'cancelled', listener: () => void): unknown }, readonly traceparent: string) {
    call.on('cancelled', () => this.abort(new CallError('CANCELLED', 'the caller gave up or the deadline passed')));
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.reason !== undefined) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  onAbort(listener: () => void): void {
    if (this.reason !== undefined) listener();
    else this.listeners.push(listener);
  }

  abort(reason: CallError): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    this.controller?.abort(reason);
    for (const listener of this.listeners) listener();
  }
}

/** Resolves when the stream takes more, or never will. */
function writable(call: ServerDuplexStream<Message, Init>, context: ServerCall): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      call.off('drain', done);
      call.off('close', done);
      resolve();
    };
    call.on('drain', done);
    call.on('close', done);
    context.onAbort(done);
  });
}

function traceparentOf(call: { metadata: { get(name: string): (string | Buffer)[] } }): string {
  const [value] = call.metadata.get('traceparent');
  return typeof value === 'string' ? value : '';
}

/**
 * grpc-js has no option for a server's HTTP/2 windows, and with the protocol's 64 KiB streams starve each other. Its HTTP/2
 * servers pass through one method, so that is where their windows are set.
 */
function widenWindows(server: Server): void {
  const open = server as unknown as { createHttp2Server(credentials: ServerCredentials): Http2Server };
  const make = open.createHttp2Server.bind(server);
  open.createHttp2Server = (credentials) => {
    const http2Server = make(credentials);
    http2Server.updateSettings({ initialWindowSize: GRPC_WINDOW_BYTES, maxConcurrentStreams: GRPC_STREAMS_PER_CONNECTION_MAX });
    http2Server.on('session', (session: ServerHttp2Session) => session.setLocalWindowSize(GRPC_WINDOW_BYTES));
    return http2Server;
  };
}
