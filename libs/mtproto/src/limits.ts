/** Every bound of this library: name, number, unit, and what happens at it. */

/** Bytes of one MTProto packet inside a transport frame (a container of uploads stays below). A longer frame breaks the connection before it is buffered. */
export const PACKET_BYTES_MAX = 1_048_576 + 4_096;
/** Bytes of a packet outside encryption (a handshake query has about 400) that are kept until it is complete. More breaks the connection. */
export const UNENCRYPTED_PACKET_BYTES_MAX = 8_192;
/** Bytes of one message body that `seal` encrypts. More throws RangeError: the caller slices its answers. */
export const BODY_BYTES_MAX = 1_048_576;
/** Bytes of one body in a batch; longer bodies are sealed one by one inside `PacketBatch.seal`. */
export const BATCH_BODY_BYTES_MAX = 16_384;
/** Packets in one batch. `PacketBatch.add` returns false when it is full. */
export const BATCH_PACKETS_MAX = 512;
/** Bytes of the buffer that `PacketBatch` keeps for the next batch. A larger one is made anew each time. */
export const SPARE_BATCH_BYTES_MAX = 262_144;
/** Connections whose keys one packet module holds. `allocate` returns NO_SLOT when all are taken: the gateway refuses the connection. */
export const SLOTS_MAX = 20_480;
/** Bytes from which a body is encrypted through node:crypto's CBC instead of the module. */
export const CBC_BODY_BYTES_MIN = 32_768;
/** Bytes from which a packet's hash is left to node:crypto. */
export const NODE_HASH_BYTES_MIN = 8_192;
/** Bytes from which a piece of an obfuscated stream is left to node:crypto. */
export const NODE_STREAM_BYTES_MIN = 4_096;
/** Bytes of an HTTP request head (WebSocket upgrade). More breaks the connection. */
export const HTTP_HEAD_BYTES_MAX = 8_192;
/** Bytes of a PROXY protocol header (v1 is at most 107, v2 16 + 536 of what balancers send). More breaks the connection. */
export const PROXY_HEADER_BYTES_MAX = 1_024;
/** Bytes of one WebSocket frame's payload. More closes with 1009. */
export const WEB_SOCKET_FRAME_BYTES_MAX = 2 * 1_048_576;
/** Bytes of a WebSocket control frame's payload (RFC 6455 section 5.5). */
export const WEB_SOCKET_CONTROL_BYTES_MAX = 125;

/** Milliseconds between req_pq and set_client_DH_params. Later queries of the handshake answer −404. */
export const HANDSHAKE_AGE_MAX_MS = 60_000;
/** Attempts at set_client_DH_params in one handshake (clients retry after dh_gen_retry up to five times). More answers −404. */
export const HANDSHAKE_ATTEMPTS_MAX = 5;
/** Queries of one connection that wait for those before them. More answers −404 and ends the handshake. */
export const HANDSHAKE_WAITING_QUERIES_MAX = 8;
/** Handshakes under way in one process (≈ 1 KiB each). The oldest is given up when it is over age; more answers −429. */
export const HANDSHAKES_MAX = 8_192;
/** Computations waiting for the worker threads. More answers −429. */
export const HANDSHAKE_QUEUE_COUNT_MAX = 512;
/** Answers of a worker thread in one message. With as many it sends them, and goes on. */
export const HANDSHAKE_BATCH_COUNT_MAX = 8;
/** Computations (two in a handshake) per second in the process, and how many may come at once. Over it: −429. */
export const HANDSHAKE_GLOBAL_PER_SECOND = 500;
export const HANDSHAKE_GLOBAL_BURST_COUNT = 2_000;
/** The same per address (an IPv4 address or an IPv6 /64). */
export const HANDSHAKE_ADDRESS_PER_SECOND = 100;
export const HANDSHAKE_ADDRESS_BURST_COUNT = 1_000;
/** What a req_pq takes from the budgets, as a part of a computation (it costs two small primes). */
export const HANDSHAKE_FIRST_QUERY_COST_RATIO = 0.1;
/** Addresses with a bucket of their own. The one used longest ago is forgotten. */
export const HANDSHAKE_ADDRESSES_MAX = 16_384;
/** Bytes of a TL string in a handshake query; the longest is an RSA block of 256, or the encrypted answer of 336. */
export const HANDSHAKE_STRING_BYTES_MAX = 512;
/** Bytes after a handshake query inside its unencrypted message: TDLib pads to a multiple of 16 and up to 15 blocks more over obfuscated transports, and counts them in. */
export const HANDSHAKE_PADDING_BYTES_MAX = 256;
/** Worker threads for handshakes at most, whatever the cores. */
export const HANDSHAKE_WORKERS_MAX = 4;
/** Seconds that a temporary key may live at most; clients ask for a day. */
export const TEMPORARY_KEY_LIFETIME_MAX_S = 7 * 86_400;

/** Bytes that one gzip_packed object may grow to. */
export const INFLATE_OUTPUT_BYTES_MAX = 4 * 1_048_576;
/** Compressed bytes up to which inflating happens at once, on the event loop (≈ 50 µs), if the output stays below INFLATE_SYNC_OUTPUT_BYTES_MAX. */
export const INFLATE_SYNC_BYTES_MAX = 4_096;
export const INFLATE_SYNC_OUTPUT_BYTES_MAX = 65_536;
/** Output bytes being inflated at once in the process (reserved at the limit of each before it starts). More is refused. */
export const INFLATE_IN_FLIGHT_BYTES_MAX = 64 * 1_048_576;
