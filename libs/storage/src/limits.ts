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

/** Seconds of a TTL at the most (20 years, Cassandra's); more are refused. */
export const TTL_SECONDS_MAX = 20 * 365 * 24 * 3600;

/** Cassandra: how long one request may take before it counts as unknown; above the server's own 2 s for a write, so that the server tells first. */
export const CASSANDRA_REQUEST_TIMEOUT_MS = 4_000;

/** Cassandra: the same for a conditional write, whose coordinator contends for `cas_contention_timeout`. */
export const CASSANDRA_CONDITIONAL_TIMEOUT_MS = 8_000;

/** Cassandra: time to connect to a node before the next is tried. */
export const CASSANDRA_CONNECT_TIMEOUT_MS = 5_000;

/** Cassandra: how long one operation may go on with retries; then it fails as its last attempt did. */
export const CASSANDRA_OPERATION_DEADLINE_MS = 12_000;

/** Cassandra: repetitions of one operation at the most. */
export const CASSANDRA_RETRIES_MAX = 4;

/** Cassandra: wait before the first repetition, doubled for each further one, with full jitter. */
export const CASSANDRA_BACKOFF_MS = 25;
export const CASSANDRA_BACKOFF_MAX_MS = 1_000;

/** Cassandra: repetitions that may be spent at once, and how much each success gives back; none left: errors are told at once. */
export const CASSANDRA_RETRY_BUDGET_COUNT = 100;
export const CASSANDRA_RETRY_BUDGET_PER_SUCCESS_RATIO = 0.1;

/** Cassandra: read and single-write requests in flight at the most; further ones wait their turn. */
export const CASSANDRA_REQUESTS_IN_FLIGHT_MAX = 256;

/** Cassandra: requests that may wait for their turn; beyond, StorageUnavailable, and nothing was sent. */
export const CASSANDRA_REQUESTS_WAITING_MAX = 16_384;

/** Cassandra: batch requests in flight at the most. Few, because what waits meanwhile goes together in the next. */
export const CASSANDRA_BATCHES_IN_FLIGHT_MAX = 4;

/** Cassandra: in a stream, batch requests that are not full begin this far apart … */
export const CASSANDRA_PACE_MS = 10;
/** … but as many after a silence need not wait. */
export const CASSANDRA_PACE_BURST_COUNT = 8;

/** Cassandra: statements of one batch request over several partitions at the most. */
export const CASSANDRA_BATCH_STATEMENTS_MAX = 64;

/** Cassandra: bytes of one batch request over several partitions at the most; servers refuse `batch_size_fail_threshold` (50 KiB), and less is taken if they say so. */
export const CASSANDRA_BATCH_BYTES_MAX = 32 * 1024;

/** Cassandra: bytes of versioned writes that may wait for their request; beyond, StorageUnavailable, and nothing was sent. */
export const CASSANDRA_WRITES_WAITING_BYTES_MAX = 64 * 1024 * 1024;

/** Cassandra: rows of one page of an answer; a longer range is read page by page, so that no answer holds more. */
export const CASSANDRA_PAGE_ROWS_MAX = 500;

/** Cassandra: keys of one getMany that go into one request. */
export const CASSANDRA_KEYS_PER_REQUEST_MAX = 100;

/** Cassandra: keys of one request of a getMany are read as a slice where it has at most so many rows for each; else each is looked up. */
export const CASSANDRA_SLICE_ROWS_PER_KEY_MAX = 4;

/** Cassandra: attempts of one conditional write that keeps finding its condition true and its answer lost; then StorageTimeout. */
export const CASSANDRA_CONDITIONAL_ATTEMPTS_MAX = 8;

/** Cassandra: a read that has no answer after this is asked of another replica too, where there is one. */
export const CASSANDRA_SPECULATIVE_READ_MS = 150;

/** Cassandra: requests that close() waits for at the most; what is left then ends as unavailable. */
export const CASSANDRA_CLOSE_TIMEOUT_MS = 5_000;

/** Migrations: how long the lock outlives its last sign of life. */
export const MIGRATION_LOCK_SECONDS = 30;

/** Migrations: how often the holder of the lock renews it. */
export const MIGRATION_LOCK_RENEW_MS = 5_000;

/** Migrations: how often one who waits asks for the lock. */
export const MIGRATION_LOCK_WAIT_MS = 500;

/** Migrations: how long the nodes may take to agree on a schema; then the migration fails and may be run again. */
export const SCHEMA_AGREEMENT_MS = 60_000;
export const SCHEMA_AGREEMENT_POLL_MS = 50;

/** Migrations: attempts to take the lock that Cassandra may leave without an answer; then the migration fails and may be run again. */
export const MIGRATION_LOCK_ATTEMPTS_MAX = 5;
