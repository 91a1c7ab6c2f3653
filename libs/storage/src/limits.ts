/** Rows of one `range` at the most; more are refused. */
export const RANGE_ROWS_MAX = 1_000;

/** Keys of one `getMany` at the most; more are refused. */
export const MULTI_GET_KEYS_MAX = 1_000;

/** Operations of one batch at the most; more are refused. */
export const BATCH_OPERATIONS_MAX = 10_000;

/** Bytes of a row's key at the most; longer ones are refused. Escaping (zero bytes) may double them in the store, which takes 1,978. */
export const KEY_BYTES_MAX = 960;

/** Characters and bytes that a put gives a row at the most; larger ones are refused. */
export const ROW_BYTES_MAX = 4 * 1024 * 1024;

/** Tables of one environment at the most; more are refused. */
export const TABLES_MAX = 250;

/** How long a deletion is remembered in a versioned table, so that an older write that comes late still loses. */
export const TOMBSTONE_GRACE_SECONDS = 10 * 24 * 3600;

/** Expired rows and old tombstones that one sweep removes at the most; the rest waits for the next. */
export const SWEEP_ROWS_MAX = 500;

/** How often the embedded store sweeps. */
export const SWEEP_INTERVAL_MS = 1_000;

/** Address space that an environment may grow into; writes beyond are refused. Nothing is reserved on disk. */
export const ENVIRONMENT_BYTES_MAX = 256 * 1024 ** 3;

/** Bytes of writes that may wait for the journal; beyond, writes are refused until it caught up. */
export const JOURNAL_PENDING_BYTES_MAX = 64 * 1024 * 1024;

/** Bytes of the first journal file; each further one has twice as many, up to the most. A larger group gets a file of its own size. */
export const JOURNAL_SEGMENT_BYTES_MIN = 256 * 1024;
export const JOURNAL_SEGMENT_BYTES_MAX = 4 * 1024 * 1024;

/** Bytes that the journal gathers before the tree is committed and the journal files are used anew. */
export const CHECKPOINT_JOURNAL_BYTES = 12 * 1024 * 1024;

/** How long the journal alone may hold a write at the most before the tree is committed. */
export const CHECKPOINT_INTERVAL_MS = 2_000;
