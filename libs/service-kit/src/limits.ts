/** Bounds of the kit. Each has a unit in its name and a stated behaviour at the limit. */

/** A call without its own deadline ends with DEADLINE_EXCEEDED after this long. */
export const DEADLINE_DEFAULT_MS = 10_000;
/** Step of the deadline wheel: deadlines of in-process calls are exact to this. */
export const DEADLINE_TICK_MS = 20;
/** Slots of the deadline wheel; deadlines further away than all slots stay for another turn. */
export const DEADLINE_SLOTS_COUNT = 512;
/** In-process calls that wait for a contract nobody serves yet; more are refused with RESOURCE_EXHAUSTED. */
export const WAITING_CALLS_MAX = 1_000;
/** Messages that wait in each direction of an in-process stream; then the writer waits. */
export const STREAM_BUFFER_MESSAGES = 16;
/** A message over gRPC; larger ones end the call with RESOURCE_EXHAUSTED. */
export const GRPC_MESSAGE_BYTES_MAX = 8 * 1024 * 1024;
/** HTTP/2 flow-control window of each stream and connection; more in flight waits. */
export const GRPC_WINDOW_BYTES = 4 * 1024 * 1024;
/** Streams of one gRPC connection; further calls wait in the client's channel. */
export const GRPC_STREAMS_PER_CONNECTION_MAX = 4096;
/** A gRPC connection is closed after this long (± 10 %), so that clients look DNS up again. */
export const GRPC_CONNECTION_AGE_MS = 15 * 60_000;
/** Calls in flight get this long after a connection's end of age. */
export const GRPC_CONNECTION_GRACE_MS = 30_000;
/** Attempts of one call, the first included. */
export const RETRY_ATTEMPTS_MAX = 4;
/** Wait before the first retry; doubles each time, with full jitter. */
export const RETRY_BACKOFF_MS = 20;
export const RETRY_BACKOFF_MAX_MS = 500;
/** Retries a client may spend at once; each success returns RETRY_BUDGET_PER_SUCCESS_RATIO of one. Empty: failures go to the caller. */
export const RETRY_BUDGET_COUNT = 20;
export const RETRY_BUDGET_PER_SUCCESS_RATIO = 0.1;
/** All drain tasks together; what is not done then is cut off. */
export const DRAIN_TIMEOUT_MS = 3_500;
/** From the first SIGTERM to the end of the process, whatever hangs. */
export const SHUTDOWN_TIMEOUT_MS = 4_500;
/** A signal that follows the first this closely is its echo. */
export const SIGNAL_ECHO_MS = 400;
/** A service that has not composed itself after this long fails the start. */
export const COMPOSE_TIMEOUT_MS = 30_000;
/** Body of a request to an HTTP endpoint; a larger one gets 413. */
export const HTTP_BODY_BYTES_MAX = 1024 * 1024;
/** An HTTP endpoint that has not answered by then gets 504. */
export const HTTP_TIMEOUT_MS = 30_000;
/** Endpoints of one process; registering more throws. */
export const HTTP_ENDPOINTS_MAX = 256;
/** Export of spans and metrics at shutdown; then what is left is lost. */
export const TELEMETRY_FLUSH_TIMEOUT_MS = 1_000;
/** A text in a log record; longer ones are cut. */
export const LOG_TEXT_CHARACTERS_MAX = 4_000;
/** Entries of a list or object in a log record; the rest is left out. */
export const LOG_LIST_ENTRIES_MAX = 32;
/** Nesting of a log record; what is deeper is left out. */
export const LOG_DEPTH_MAX = 4;
/** Sampling of the event loop's delay. */
export const EVENT_LOOP_RESOLUTION_MS = 10;
