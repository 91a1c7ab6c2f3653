/** UTF-8 bytes of a key at the most; longer ones are refused. */
export const KEY_BYTES_MAX = 512;

/** Bytes of one object or part given at once at the most. */
export const PUT_BYTES_MAX = 64 * 1024 * 1024;

/** Parts of one upload at the most (S3's own bound). */
export const PARTS_COUNT_MAX = 10_000;

/** Bytes of a part at the least, but for the last of an upload (S3's own bound); completing with a smaller one is refused. */
export const PART_BYTES_MIN = 5 * 1024 * 1024;

/** Bytes read by one `get` at the most; a longer range is refused. */
export const GET_BYTES_MAX = 64 * 1024 * 1024;

/** An upload, or a file that a killed process left half written, is removed when nothing was added to it for so long (at a start; on S3 now and then, too). */
export const UPLOAD_IDLE_MS = 24 * 3600 * 1000;

/** S3: requests at once at the most; more wait. */
export const REQUESTS_COUNT_MAX = 64;

/** S3: requests that wait for their turn at the most; more fail at once as unavailable. */
export const REQUESTS_WAITING_COUNT_MAX = 1_000;

/** S3: bytes of bodies in requests, sent or expected, at the most; more wait. */
export const REQUESTS_BYTES_MAX = 256 * 1024 * 1024;

/** S3: making a connection takes so long at the most. */
export const CONNECT_TIMEOUT_MS = 2_000;

/** S3: one attempt takes so long at the most, and longer by its bytes at SLOWEST_BYTES_PER_SECOND; then it counts as failed. */
export const ATTEMPT_TIMEOUT_MS = 10_000;

/** S3: what a connection must carry at the least for an attempt to be waited for. */
export const SLOWEST_BYTES_PER_SECOND = 2 * 1024 * 1024;

/** S3: completing an upload is waited for so much longer for each of its parts (servers over a file system copy them then). */
export const COMPLETE_PART_MS = 200;

/** S3: what reading a whole object counts as before its size is known. */
export const WHOLE_GET_BYTES_ASSUMED = 16 * 1024 * 1024;

/** S3: when a request has taken so long, no other attempt begins. */
export const REPEAT_WITHIN_MS = 15_000;

/** S3: attempts at one request at the most. */
export const ATTEMPTS_COUNT_MAX = 4;

/** S3: the pause before another attempt begins at this, doubles, and is spread at random below that. */
export const RETRY_DELAY_MS = 100;

/** S3: the longest pause before another attempt. */
export const RETRY_DELAY_MS_MAX = 2_000;

/** S3: tokens of the budget for repeated attempts, full at the start; without enough of them a request fails with its first attempt. */
export const RETRY_TOKENS_COUNT_MAX = 100;

/** S3: tokens that a repeated attempt takes; a request that succeeds gives back one. */
export const RETRY_TOKENS_PER_ATTEMPT = 5;

/** S3: how often uploads that nobody goes on with are looked for. */
export const SWEEP_INTERVAL_MS = 6 * 3600 * 1000;

/** S3: uploads that one sweep looks at, at the most; the rest waits for the next. */
export const SWEEP_UPLOADS_COUNT_MAX = 10_000;

/** S3: characters of an upload's id at the most; longer ones are refused. */
export const UPLOAD_ID_CHARS_MAX = 1_024;
