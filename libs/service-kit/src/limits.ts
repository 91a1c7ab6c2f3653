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
/** Calls in flight get this long after a connection's end of age: longer than a link lives, which so ends by itself before. */
export const GRPC_CONNECTION_GRACE_MS = 12 * 60_000;
/** Unary calls in flight on one link; one more is refused with RESOURCE_EXHAUSTED and did nothing. */
export const LINK_CALLS_MAX = 8_192;
/** Bytes of requests or answers after which a frame of a link is full; the rest goes into the next. */
export const LINK_FRAME_BYTES = 256 * 1024;
/** A request that is larger goes as a gRPC call of its own, so that others need not wait for its bytes. */
export const LINK_REQUEST_BYTES_MAX = 64 * 1024;
/** A link is replaced by a new one after this long (± 10 %). */
export const LINK_AGE_MS = 10 * 60_000;
/** For how long a server that has no links is called without. */
export const LINK_REFUSED_MS = 60_000;
/** A server that is not heard for this long while calls wait is asked for a sign of life. */
export const LINK_QUIET_MS = 2_000;
/** How long it may take for that; then calls are made elsewhere until it is heard again. */
export const LINK_PROBE_MS = 2_000;
/** Slices that users are dealt into; the partitions of box-commands. Never changed: a user must stay in their slice. */
export const USER_SLICES = 16;
/** Attempts of one call that may have reached a server, the first included. */
export const RETRY_ATTEMPTS_MAX = 4;
/** Wait before the first retry; doubles each time, with full jitter. */
export const RETRY_BACKOFF_MS = 20;
export const RETRY_BACKOFF_MAX_MS = 500;
/** Retries a client may spend at once; each success returns RETRY_BUDGET_PER_SUCCESS_RATIO of one. Empty: failures go to the caller. */
export const RETRY_BUDGET_COUNT = 20;
export const RETRY_BUDGET_PER_SUCCESS_RATIO = 0.1;
/** How long a call that certainly reached no server is tried again, within its deadline; then it fails with UNAVAILABLE. */
export const UNREACHED_WAIT_MS = 2_000;
/** The same between processes of their own: as long as a service takes to start anew. */
export const UNREACHED_WAIT_PROCESS_MS = 15_000;
/** Calls of one client that wait so, or for a slice that is being handed over; one more fails at once. */
export const UNREACHED_CALLS_MAX = 2_000;
/** Longest pause between two tries of such a call. */
export const UNREACHED_PAUSE_MAX_MS = 250;
/** Wait before a broken connection is made again: the first and the longest. */
export const GRPC_RECONNECT_FIRST_MS = 100;
export const GRPC_RECONNECT_LONGEST_MS = 2_000;
/** A connection with calls in flight is asked for a sign of life this often; without one in GRPC_KEEPALIVE_TIMEOUT_MS it is closed and its calls fail. */
export const GRPC_KEEPALIVE_MS = 6_000;
export const GRPC_KEEPALIVE_TIMEOUT_MS = 4_000;
/** How often a `static:` list of peers is looked at for changes, while calls are made. */
export const PEERS_FILE_LOOK_MS = 2_000;
/** Replicas of one service; more are refused at start. */
export const REPLICAS_MAX = 64;
/** All drain tasks together; what is not done then is cut off. */
export const DRAIN_TIMEOUT_MS = 3_500;
/** From the first SIGTERM to the end of the process, whatever hangs. */
export const SHUTDOWN_TIMEOUT_MS = 4_500;
/** What remains for closing ports and telemetry after the drain of a process of its own. */
export const SHUTDOWN_CLOSE_MS = 1_000;
/** Pause between two tries to open an engine, or to reach a service that the start needs: the first and the longest. */
export const ENGINE_RETRY_FIRST_MS = 250;
export const ENGINE_RETRY_LONGEST_MS = 3_000;
/** How often a start that waits says for what. */
export const ENGINE_WAIT_REPORT_MS = 5_000;
/** One try to open an engine; then it counts as not there. */
export const ENGINE_OPEN_TIMEOUT_MS = 60_000;
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

/** How long a data center that did not answer is left alone before one call tries it again. */
export const OTHER_DC_REST_MS = 1_000;
/** How long after a failure what another data center is owed is told again, and how often it is looked for without one. */
export const ERRANDS_RETRY_MS = 2_000;
export const ERRANDS_SWEEP_MS = 300_000;
/** Rows of it read at a time. */
export const ERRANDS_PAGE_ROWS = 100;

/** Addresses of one data center that clients are told; more are refused at the start. */
export const DC_ADDRESSES_MAX = 16;
/** How often engines are asked whether they answer, and other processes what time it is. */
export const ENGINE_CHECK_MS = 5_000;
/** One such question; then it counts as failed. */
export const ENGINE_CHECK_TIMEOUT_MS = 4_000;
/** Questions in a row that fail before the process counts as not ready. */
export const ENGINE_FAILED_CHECKS_MAX = 2;
/** How far this machine's clock may be from the others'; beyond, the process is not ready. Clients accept message ids from 30 s ahead. */
export const CLOCK_SKEW_MAX_MS = 5_000;
/** Processes whose clocks are asked for, of those that this one calls. */
export const CLOCK_PEERS_MAX = 8;
/** How long they may take. */
export const CLOCK_PEER_TIMEOUT_MS = 2_000;
