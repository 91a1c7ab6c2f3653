/** UTF-8 bytes of a key at the most; longer ones are refused. */
export const KEY_BYTES_MAX = 512;

/** Bytes of one object or part given at once at the most. */
export const PUT_BYTES_MAX = 64 * 1024 * 1024;

/** Parts of one upload at the most (S3's own bound). */
export const PARTS_COUNT_MAX = 10_000;

/** Bytes read by one `get` at the most; a longer range is refused. */
export const GET_BYTES_MAX = 64 * 1024 * 1024;

/** An upload, or a file that a killed process left half written, is removed at a start when nothing was added to it for so long. */
export const UPLOAD_IDLE_MS = 24 * 3600 * 1000;
