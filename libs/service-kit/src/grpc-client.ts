import type { DescMethod, DescService, Message } from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { Client as Channel, type ClientDuplexStream, type ClientUnaryCall, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { CallError } from './call-error';
import { grpcMethod, type Init } from './grpc-definition';
import { fromStatus } from './grpc-status';
import type { CallOptions, Client } from './kit';
import { DEADLINE_DEFAULT_MS, GRPC_MESSAGE_BYTES_MAX, GRPC_WINDOW_BYTES, RETRY_ATTEMPTS_MAX } from './limits';
import { methodName } from './network';
import { backoffMs, RetryBudget } from './retry-budget';
import type { RpcRecord } from './rpc-record';
import { StreamBuffer } from './stream-buffer';

const SERVICE_CONFIG = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] });

/** A connection (or several, by DNS) to one gRPC target, shared by all clients of it. */
export function openChannel(target: string): Channel {
  return new Channel(target, credentials.createInsecure(), {
    'grpc.service_config': SERVICE_CONFIG,
    'grpc.max_receive_message_length': GRPC_MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': GRPC_MESSAGE_BYTES_MAX,
    'grpc-node.flow_control_window': GRPC_WINDOW_BYTES,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 5_000,
  } as ConstructorParameters<typeof Channel>[2]);
}

export interface GrpcClientOptions {
  /** Resolves when the server is known; the call's deadline covers the wait. */
  channel(): Promise<Channel>;
  record?: RpcRecord;
}

/** A typed client of `desc`. Unary calls are retried within their deadline and a budget, when the server cannot have seen them or the method is idempotent. */
export function grpcClient<S extends DescService>(desc: S, options: GrpcClientOptions): Client<S> {
  const budget = new RetryBudget();
  const client: Record<string, unknown> = {};
  for (const method of desc.methods) client[method.localName] = method.methodKind === 'unary' ? unaryClient(method, options, budget) : streamClient(method, options);
  return client as Client<S>;
}

function unaryClient(method: DescMethod, { channel, record }: GrpcClientOptions, budget: RetryBudget): (request: Init, options?: CallOptions) => Promise<Message> {
  const definition = grpcMethod(method);
  const idempotent = method.idempotency === MethodOptions_IdempotencyLevel.IDEMPOTENT || method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;

  const attempt = (to: Channel, request: Init, deadline: number, signal: AbortSignal | undefined, traceparent: string): Promise<Message> => new Promise((resolve, reject) => {
    const metadata = new Metadata();
    if (traceparent !== '') metadata.set('traceparent', traceparent);
    const call: ClientUnaryCall = to.makeUnaryRequest(definition.path, definition.requestSerialize, definition.responseDeserialize, request, metadata, { deadline }, (error: ServiceError | null, response?: Message) => {
      signal?.removeEventListener('abort', cancel);
      if (error === null) resolve(response as Message);
      else reject(fromStatus(error, wasSent(call, to)));
    });
    const cancel = (): void => call.cancel();
    signal?.addEventListener('abort', cancel);
  });

  const start = async (request: Init, options: CallOptions | undefined, traceparent: string): Promise<Message> => {
    const signal = options?.signal;
    if (isAborted(signal)) throw new CallError('CANCELLED', 'the caller gave up', false);
    const deadline = Date.now() + (options?.deadlineMs ?? DEADLINE_DEFAULT_MS);
    const to = await within(channel(), deadline, signal, method);
    for (let retry = 1; ; retry += 1) {
      try {
        const response = await attempt(to, request, deadline, signal, traceparent);
        budget.succeeded();
        return response;
      } catch (error) {
        const failure = error as CallError;
        const repeatable = failure.code === 'UNAVAILABLE' && (idempotent || !failure.delivered);
        const wait = backoffMs(retry, Math.random());
        if (!repeatable || retry >= RETRY_ATTEMPTS_MAX || Date.now() + wait >= deadline || isAborted(signal) || !budget.spend()) throw failure;
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  };
  if (record === undefined) return (request, options) => start(request, options, '');
  return (request, options) => record.client(method, 'grpc', (traceparent) => start(request, options, traceparent));
}

function streamClient(method: DescMethod, { channel, record }: GrpcClientOptions): (requests: AsyncIterable<Init>, options?: CallOptions) => AsyncIterable<Message> {
  const definition = grpcMethod(method);
  return (requests, options) => {
    const span = record?.stream(method, 'client', 'grpc', '');
    const signal = options?.signal;
    const source = requests[Symbol.asyncIterator]();
    let call: ClientDuplexStream<Init, Message> | undefined;
    let failure: CallError | undefined;
    let over = false;
    let sourceLeft = false;
    const leaveSource = (): void => {
      if (sourceLeft) return;
      sourceLeft = true;
      void source.return?.().catch(() => {});
    };
    const finish = (error?: CallError): void => {
      if (over) return;
      over = true;
      signal?.removeEventListener('abort', cancel);
      leaveSource();
      span?.end(error);
      if (error === undefined) outbound.end();
      else outbound.fail(error);
    };
    // NOTE: leaving the loop over the answers does not cancel a gRPC call by itself.
    const outbound = new StreamBuffer<Message>(() => cancel(), () => call?.resume());
    const cancel = (): void => {
      failure ??= new CallError('CANCELLED', 'the caller gave up', call !== undefined);
      call?.cancel();
      finish(failure);
    };
    if (isAborted(signal)) {
      cancel();
      return outbound;
    }
    signal?.addEventListener('abort', cancel);
    const deadline = options?.deadlineMs === undefined ? Infinity : Date.now() + options.deadlineMs;

    const send = async (to: ClientDuplexStream<Init, Message>): Promise<void> => {
      try {
        for (;;) {
          const next = await source.next();
          if (next.done === true || over) break;
          if (!to.write(next.value)) await writable(to, () => over);
        }
        sourceLeft = true;
        if (!over) to.end();
      } catch (error) {
        sourceLeft = true;
        to.cancel();
        finish(error instanceof CallError ? error : new CallError('CANCELLED', 'the caller’s requests failed'));
      }
    };
    const open = async (): Promise<void> => {
      const to = await within(channel(), deadline, signal, method);
      if (over) return;
      const metadata = new Metadata();
      if (span !== undefined && span.traceparent !== '') metadata.set('traceparent', span.traceparent);
      call = to.makeBidiStreamRequest(definition.path, definition.requestSerialize, definition.responseDeserialize, metadata, deadline === Infinity ? {} : { deadline });
      const opened = call;
      opened.on('data', (message: Message) => {
        outbound.write(message);
        if (!outbound.hasRoom && !over) opened.pause();
      });
      // The failure comes before what was received is read: it waits for the end.
      opened.on('error', (error: ServiceError) => {
        failure ??= fromStatus(error, wasSent(opened, to));
      });
      opened.on('end', () => {
        // The status follows the last message; grpc-js emits it in the same turn.
        queueMicrotask(() => finish(failure));
      });
      void send(opened);
    };
    open().catch((error: unknown) => finish(error as CallError));
    return outbound;
  };
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal !== undefined && signal.aborted;
}

/** False when the call certainly never reached a server: no connection was picked for it. */
function wasSent(call: { getPeer(): string }, channel: Channel): boolean {
  return call.getPeer() !== channel.getChannel().getTarget() && call.getPeer() !== 'unknown';
}

function writable(call: ClientDuplexStream<Init, Message>, over: () => boolean): Promise<void> {
  if (over()) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      call.off('drain', done);
      call.off('close', done);
      call.off('end', done);
      call.off('error', done);
      resolve();
    };
    call.on('drain', done);
    call.on('close', done);
    call.on('end', done);
    call.on('error', done);
  });
}

/** Waits for the server to be known, within the call's deadline. */
async function within(channel: Promise<Channel>, deadline: number, signal: AbortSignal | undefined, method: DescMethod): Promise<Channel> {
  let timer: NodeJS.Timeout | undefined;
  let cancel = (): void => {};
  const givenUp = new Promise<never>((_resolve, reject) => {
    if (deadline !== Infinity) timer = setTimeout(() => reject(new CallError('DEADLINE_EXCEEDED', `${methodName(method)}: nobody serves it yet`, false)), Math.max(0, deadline - Date.now()));
    cancel = () => reject(new CallError('CANCELLED', 'the caller gave up', false));
    signal?.addEventListener('abort', cancel);
  });
  try {
    return await Promise.race([channel, givenUp]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
  }
}
