import { type DescMethod, type DescService, type Message } from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { Client as Channel, type ClientDuplexStream, type ClientUnaryCall, connectivityState, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { decode } from '@heliograph/protos/codec';
import { CallError } from './call-error';
import { CallLink, NoLink, wasSent } from './call-link';
import { DeadlineWheel } from './deadline-wheel';
import { grpcMethod, type Init } from './grpc-definition';
import { fromStatus } from './grpc-status';
import type { CallOptions, Client } from './kit';
import {
  DEADLINE_DEFAULT_MS, LINK_REQUEST_BYTES_MAX, GRPC_KEEPALIVE_MS, GRPC_KEEPALIVE_TIMEOUT_MS, GRPC_MESSAGE_BYTES_MAX, GRPC_RECONNECT_FIRST_MS, GRPC_RECONNECT_LONGEST_MS, GRPC_WINDOW_BYTES, RETRY_ATTEMPTS_MAX,
  RETRY_BACKOFF_MS, UNREACHED_CALLS_MAX, UNREACHED_PAUSE_MAX_MS,
} from './limits';
import { methodName } from './network';
import { backoffMs, RetryBudget } from './retry-budget';
import type { RpcRecord } from './rpc-record';
import { sliceOf } from './slices';
import { StreamBuffer } from './stream-buffer';

const SERVICE_CONFIG = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] });

/** Deadlines of all calls that this process makes over links. */
const wheel = new DeadlineWheel();
const links = new WeakMap<Channel, CallLink>();

/** The link of a channel, shared by all that call over it. */
function linkOf(channel: Channel): CallLink {
  let link = links.get(channel);
  if (link === undefined) links.set(channel, link = new CallLink(channel, wheel));
  return link;
}

/** A connection (or several, by DNS) to one gRPC target, shared by all clients of it. */
export function openChannel(target: string): Channel {
  return new Channel(target, credentials.createInsecure(), {
    'grpc.service_config': SERVICE_CONFIG,
    'grpc.max_receive_message_length': GRPC_MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': GRPC_MESSAGE_BYTES_MAX,
    'grpc-node.flow_control_window': GRPC_WINDOW_BYTES,
    // A peer that is paused, or cut off, answers no calls and breaks no connection.
    'grpc.keepalive_time_ms': GRPC_KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': GRPC_KEEPALIVE_TIMEOUT_MS,
    'grpc.initial_reconnect_backoff_ms': GRPC_RECONNECT_FIRST_MS,
    'grpc.max_reconnect_backoff_ms': GRPC_RECONNECT_LONGEST_MS,
  } as ConstructorParameters<typeof Channel>[2]);
}

export interface GrpcClientOptions {
  /** Once the replica's server is known its channel, until then a promise of it; the call's deadline covers the wait. */
  channel(replica: number): Channel | Promise<Channel>;
  /** Replicas that are told apart, at least 1. */
  replicas(): number;
  /** A channel leads to one server, so that calls may share a stream. */
  toldApart: boolean;
  /** Call only this one. */
  only?: number;
  /** Which replica owned a slice when it was last heard of. Shared by the clients of a service, and kept by them. */
  owners: Map<number, number>;
  /** How long a call that certainly reached no server is tried again, within its deadline. */
  unreachedWaitMs: number;
  record?: RpcRecord;
}

/**
 * A typed client of `desc`. A unary call goes to the replica that owns its key, else to the next in turn. It is repeated, within its deadline,
 * - at the owner, when a replica turned it away because another owns the key (nothing was done);
 * - at any replica, for `unreachedWaitMs`, while it certainly reached none: a service that starts anew is waited for;
 * - within a budget, when its fate is unknown and its method idempotent.
 */
export function grpcClient<S extends DescService>(desc: S, options: GrpcClientOptions): Client<S> {
  const shared: Shared = { options, budget: new RetryBudget(), turn: 0, waiting: 0 };
  const client: Record<string, unknown> = {};
  for (const method of desc.methods) client[method.localName] = method.methodKind === 'unary' ? unaryClient(method, shared) : streamClient(method, shared);
  return client as Client<S>;
}

/** What the methods of one client share. */
interface Shared {
  readonly options: GrpcClientOptions;
  readonly budget: RetryBudget;
  /** Whose turn it is, where any replica will do. */
  turn: number;
  /** Calls that wait for a server, or for an owner. */
  waiting: number;
}

/** Any replica: the next in turn whose connection is not known to be broken. */
async function nextReplica(shared: Shared): Promise<number> {
  const { only, replicas, channel } = shared.options;
  if (only !== undefined) return only;
  const count = replicas();
  if (count === 1) return 0;
  for (let tried = 0; tried < count; tried += 1) {
    shared.turn = (shared.turn + 1) % count;
    const state = (await channel(shared.turn)).getChannel().getConnectivityState(false);
    if (state !== connectivityState.TRANSIENT_FAILURE && state !== connectivityState.SHUTDOWN) return shared.turn;
  }
  return shared.turn;
}

function unaryClient(method: DescMethod, shared: Shared): (request: Init, options?: CallOptions) => Promise<Message> {
  const { budget, options: { channel, replicas, owners, only, unreachedWaitMs, toldApart, record } } = shared;
  const definition = grpcMethod(method);
  const idempotent = method.idempotency === MethodOptions_IdempotencyLevel.IDEMPOTENT || method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;

  const name = methodName(method);
  const attempt = (to: Channel, request: Init, deadline: number, signal: AbortSignal | undefined, traceparent: string): Promise<Message> => {
    const link = toldApart ? linkOf(to) : undefined;
    if (link === undefined || !link.usable) return alone(to, request, deadline, signal, traceparent);
    const bytes = definition.requestSerialize(request);
    if (bytes.length > LINK_REQUEST_BYTES_MAX && !link.silent) return alone(to, request, deadline, signal, traceparent);
    return link.call(name, bytes, deadline, signal, traceparent).then((response) => decode(method.output, response), (error: unknown) => {
      if (error instanceof NoLink) return alone(to, request, deadline, signal, traceparent);
      throw error;
    });
  };

  const alone = (to: Channel, request: Init, deadline: number, signal: AbortSignal | undefined, traceparent: string): Promise<Message> => new Promise((resolve, reject) => {
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

  /** Waits before the call is tried again; rethrows its failure when there is no time or no room for it. */
  const pause = async (failure: CallError, ms: number, until: number, signal: AbortSignal | undefined): Promise<void> => {
    if (Date.now() + ms >= until || isAborted(signal) || shared.waiting >= UNREACHED_CALLS_MAX) {
      // Where to go was this client's business; its caller learns that nobody answers now.
      throw failure.moved === undefined ? failure : new CallError('UNAVAILABLE', failure.message, false);
    }
    shared.waiting += 1;
    await new Promise((resolve) => setTimeout(resolve, ms));
    shared.waiting -= 1;
  };

  const start = async (request: Init, options: CallOptions | undefined, traceparent: string): Promise<Message> => {
    const signal = options?.signal;
    if (isAborted(signal)) throw new CallError('CANCELLED', 'the caller gave up', false);
    const began = Date.now();
    const deadline = began + (options?.deadlineMs ?? DEADLINE_DEFAULT_MS);
    const count = replicas();
    const slice = options?.routeKey === undefined || only !== undefined || count === 1 ? undefined : sliceOf(options.routeKey);
    let replica = slice === undefined ? undefined : owners.get(slice) ?? slice % count;
    let retries = 0;
    let turns = 0;
    for (;;) {
      const at = replica ?? only ?? (replicas() === 1 ? 0 : await within(nextReplica(shared), deadline, signal, method));
      const known = channel(at);
      // Mostly it is known, and a timer costs more than the rest of the call.
      const to = known instanceof Promise ? await within(known, deadline, signal, method) : known;
      try {
        const response = await attempt(to, request, deadline, signal, traceparent);
        budget.succeeded();
        if (slice !== undefined && owners.get(slice) !== at) owners.set(slice, at);
        return response;
      } catch (error) {
        const failure = error as CallError;
        turns += 1;
        if (failure.moved !== undefined && only === undefined) {
          const { owner } = failure.moved;
          if (slice !== undefined) owners.delete(slice);
          // To the one that is named at once; to the same again, or round a circle, only after a pause.
          if (owner === undefined || owner === at || turns > 2) await pause(failure, slowly(turns), deadline, signal);
          replica = owner ?? (at + 1) % replicas();
        } else if (failure.code === 'UNAVAILABLE' && !failure.delivered) {
          if (slice !== undefined) owners.delete(slice);
          const others = replicas();
          if (turns % others === 0) await pause(failure, slowly(turns / others), Math.min(deadline, began + unreachedWaitMs), signal);
          replica = slice === undefined ? undefined : (at + 1) % others;
        } else {
          retries += 1;
          const wait = backoffMs(retries, Math.random());
          if (failure.code !== 'UNAVAILABLE' || !idempotent || retries >= RETRY_ATTEMPTS_MAX || Date.now() + wait >= deadline || isAborted(signal) || !budget.spend()) throw failure;
          await new Promise((resolve) => setTimeout(resolve, wait));
        }
      }
    }
  };
  if (record === undefined) return (request, options) => start(request, options, '');
  return (request, options) => record.client(method, 'grpc', (traceparent) => start(request, options, traceparent));
}

/** Pause before a call that did nothing is tried for the nth time: rising, and uneven, so that those that wait don't come together. */
function slowly(nth: number): number {
  return Math.min(UNREACHED_PAUSE_MAX_MS, RETRY_BACKOFF_MS * 2 ** Math.min(nth, 8)) * (0.5 + Math.random() / 2);
}

function streamClient(method: DescMethod, shared: Shared): (requests: AsyncIterable<Init>, options?: CallOptions) => AsyncIterable<Message> {
  const { channel, record } = shared.options;
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
      const to = await within(nextReplica(shared).then(channel), deadline, signal, method);
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
async function within<T>(known: Promise<T>, deadline: number, signal: AbortSignal | undefined, method: DescMethod): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let cancel = (): void => {};
  const givenUp = new Promise<never>((_resolve, reject) => {
    if (deadline !== Infinity) timer = setTimeout(() => reject(new CallError('DEADLINE_EXCEEDED', `${methodName(method)}: nobody serves it yet`, false)), Math.max(0, deadline - Date.now()));
    cancel = () => reject(new CallError('CANCELLED', 'the caller gave up', false));
    signal?.addEventListener('abort', cancel);
  });
  try {
    return await Promise.race([known, givenUp]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
  }
}
