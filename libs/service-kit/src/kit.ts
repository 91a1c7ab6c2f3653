import type { DescService, DescMethodUnary, DescMethodBiDiStreaming, DescMethodServerStreaming, DescMethodClientStreaming, MessageInitShape, MessageShape, DescMessage } from '@bufbuild/protobuf';
import type { Storage } from '@heliograph/storage/storage';
import type { EventLog } from '@heliograph/event-log/event-log';
import type { Ephemeral } from '@heliograph/ephemeral/ephemeral';
import type { Blob } from '@heliograph/blob/blob';
import type { Keyring } from '@heliograph/crypto/keyring';

/** What every call carries besides its request. */
export interface CallContext {
  /** Aborted when the caller gave up or the deadline passed. */
  readonly signal: AbortSignal;
  /** W3C traceparent of the caller's span; empty when tracing is off. */
  readonly traceparent: string;
}

export interface CallOptions {
  /** Default DEADLINE_DEFAULT_MS. */
  deadlineMs?: number;
  signal?: AbortSignal;
  /** Picks the replica that owns this key (a box, a user), where the service has owners. */
  routeKey?: number;
}

export type UnaryHandler<I extends DescMessage, O extends DescMessage> = (request: MessageShape<I>, context: CallContext) => Promise<MessageInitShape<O>>;
export type StreamHandler<I extends DescMessage, O extends DescMessage> = (requests: AsyncIterable<MessageShape<I>>, context: CallContext) => AsyncIterable<MessageInitShape<O>>;

/** A *complete* handler set: a method that is missing does not compile. */
export type Handlers<S extends DescService> = {
  [K in keyof S['method']]: S['method'][K] extends DescMethodUnary<infer I, infer O> ? UnaryHandler<I, O>
    : S['method'][K] extends DescMethodBiDiStreaming<infer I, infer O> ? StreamHandler<I, O>
    : S['method'][K] extends DescMethodServerStreaming<infer I, infer O> ? StreamHandler<I, O>
    : S['method'][K] extends DescMethodClientStreaming<infer I, infer O> ? StreamHandler<I, O>
    : never;
};

/** Typed client: unary methods are promises; streams take and give async iterables. Failures are CallError. */
export type Client<S extends DescService> = {
  [K in keyof S['method']]: S['method'][K] extends DescMethodUnary<infer I, infer O> ? (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>
    : S['method'][K] extends DescMethodBiDiStreaming<infer I, infer O> ? (requests: AsyncIterable<MessageInitShape<I>>, options?: CallOptions) => AsyncIterable<MessageShape<O>>
    : S['method'][K] extends DescMethodServerStreaming<infer I, infer O> ? (requests: AsyncIterable<MessageInitShape<I>>, options?: CallOptions) => AsyncIterable<MessageShape<O>>
    : never;
};

export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Time and randomness come in through this, so that tests and the simulator own them. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Resolves after `ms`; rejects never. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  every(ms: number, task: () => void | Promise<void>): { stop(): void };
}

export interface Counter { add(value: number, attributes?: Record<string, string | number>): void }
export interface Histogram { record(value: number, attributes?: Record<string, string | number>): void }
/** OpenTelemetry instruments; no-ops at no cost when no exporter is configured. */
export interface Telemetry {
  readonly enabled: boolean;
  counter(name: string, unit: string, description: string): Counter;
  histogram(name: string, unit: string, description: string): Histogram;
  gauge(name: string, unit: string, description: string, read: () => number): void;
  /** Runs `task` in a span; records its error. */
  span<T>(name: string, attributes: Record<string, string | number>, task: () => Promise<T>): Promise<T>;
}

export interface DataCenter {
  id: number;
  host: string;
  port: number;
  /** Further addresses of it, in the order in which clients should try them. */
  others?: readonly { host: string; port: number }[];
}

/** What the gateway of a DC publishes about itself. */
export interface ConnectFacts {
  /** RSA public key, PKCS#1 PEM. */
  publicKey: string;
  /** Fingerprint of that key as a signed decimal 64-bit integer, the way client libraries print it. */
  fingerprint: string;
  /** URL of the WebSocket transport. */
  websocket: string;
  /** Layers served, rising. */
  layers: readonly number[];
}

/** One of the processes that run the same service in a data center. */
export interface Replica {
  /** From 0. At most one process of a number runs at a time, but for one that was given up and wakes again. */
  readonly index: number;
  /** How many there are meant to be, as far as this one knows. */
  readonly count: number;
  /** Nobody else can open this process's stores: embedded ports. */
  readonly alone: boolean;
}

export type PortName = 'storage' | 'eventLog' | 'ephemeral' | 'blob';

/** Everything that a service's composition root is given. */
export interface Kit {
  readonly service: string;
  /** Which process of this service this is. */
  readonly replica: Replica;
  /** This data center, and all of them (with the addresses that clients are told). */
  readonly dc: DataCenter;
  readonly dcs: readonly DataCenter[];
  readonly storage: Storage;
  readonly eventLog: EventLog;
  readonly ephemeral: Ephemeral;
  readonly blob: Blob;
  /** Not usable by `keyring` itself. */
  readonly keyring: Keyring;
  readonly clock: Clock;
  /** False: this machine's clock is further from the others' than is served (the process is not ready then). */
  clockIsRight(): boolean;
  readonly log: Logger;
  readonly telemetry: Telemetry;
  /** Cryptographically random bytes. */
  random(bytes: number): Uint8Array;
  /**
   * A setting of this process: flag of npm start, else environment variable HELIOGRAPH_<NAME>, else its default. `name` is written like the
   * variable without its prefix (`CODE_SMS_URL`). Known to every service: `DATA` (this DC's folder, absolute, exists), `HOST`, `PORT`,
   * `HTTP_HOST`, `HTTP_PORT`, `TEST_PHONES` (`1` or `0`), `DIRECTORY` (folder shared by the DCs of this process). Absent or empty: undefined.
   */
  setting(name: string): string | undefined;
  /** Tells clients' operators what they need to connect to this DC; shown in /connect.json. The gateway calls it while it composes. */
  announce(facts: ConnectFacts): void;
  /** Serves `desc` from this service; before `start` resolves. `owner` distinguishes services that serve the same contract (ClientApi). */
  serve<S extends DescService>(desc: S, handlers: Handlers<S>, options?: { owner?: string }): void;
  /** A client of the service that serves `desc` (in this DC, or in DC `dc`). */
  client<S extends DescService>(desc: S, options?: { owner?: string; dc?: number }): Client<S>;
  /** One client for each replica of that service, in their order; a single one where replicas are not told apart. Ask again for those added since. */
  replicas<S extends DescService>(desc: S, options?: { owner?: string; dc?: number }): readonly Client<S>[];
  /** Adds an HTTP endpoint to the process's HTTP server (the dev outbox, connect.json). */
  http(method: 'GET' | 'POST', path: string, handler: (request: { query: URLSearchParams; body: Uint8Array; headers: Record<string, string | undefined> }) => Promise<{ status: number; body: unknown; contentType?: string }>): void;
  /** False keeps the service unready (readiness probe) with that reason. */
  readiness(check: () => string | undefined): void;
  /** Whether the process has begun to end: what it hosts beside this service may be gone already. */
  readonly stopping: boolean;
  /** Runs on SIGTERM, in reverse order of registration, before anything is torn down; bounded by DRAIN_TIMEOUT_MS. */
  onDrain(task: () => Promise<void>): void;
}

/** A service is its name and its composition root. `compose` resolves when the service can take calls. */
export interface ServiceDefinition {
  readonly name: string;
  /** The ports that it uses; a process of its own opens no others. Default: all. */
  readonly uses?: readonly PortName[];
  /** Those of them without which it still does most of its work: the start waits for them, but to lose one later is no reason not to be ready. */
  readonly goesOnWithout?: readonly PortName[];
  compose(kit: Kit): Promise<void>;
}
