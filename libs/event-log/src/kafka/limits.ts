/** How long connecting may take, and then all of introducing ourselves and logging in. */
export const CONNECT_TIMEOUT_MS = 3_000;
/** How long a broker may take for an answer, over what it was told to wait; then the connection is closed and the question asked again. */
export const ANSWER_TIMEOUT_MS = 5_000;
/** How often late answers are looked for. */
export const DEADLINE_CHECK_INTERVAL_MS = 250;
/** Bytes of one answer at the most; more is taken for another protocol. */
export const ANSWER_BYTES_MAX = 128 * 1024 * 1024;
/** Percent of a login's lifetime after which a connection is replaced. */
export const LOGIN_LIFETIME_PERCENT = 85;

/** First and longest pause before metadata are asked for again, a broker is connected to again, an append repeated. */
export const RETRY_FIRST_MS = 20;
export const RETRY_LONGEST_MS = 500;

/** How long an append is tried; then its fate is LogTimeout (unknown), or LogUnavailable when it was never sent. */
export const APPEND_BUDGET_MS = 8_000;
/** How long reads, bounds and positions are tried; then LogUnavailable. */
export const ASK_BUDGET_MS = 8_000;
/** How long the start waits for brokers, topics and their leaders; then LogUnavailable. */
export const START_BUDGET_MS = 30_000;

/** Bytes of records that wait for the broker, over all partitions; an append beyond is refused with LogUnavailable. */
export const APPEND_BYTES_WAITING_MAX = 64 * 1024 * 1024;
/** Bytes of one partition's batch in one request (or one record); max.message.bytes of every topic is at least this. */
export const BATCH_BYTES_MAX = 1024 * 1024;
/** Bytes of one produce request; other partitions wait for the next. Brokers take 100 MB. */
export const REQUEST_BYTES_MAX = 8 * 1024 * 1024;
/** In a stream, produce requests to one broker begin this far apart, and so do fetches from it … */
export const PACE_MS = 8;
/** … but as many after a silence need not wait. */
export const PACE_BURST_COUNT = 8;

/** How long a broker holds a fetch while there is nothing; what joins or resumes in that time waits for the rest of it. */
export const FETCH_WAIT_MS = 250;
/**
 * How often the log's end is asked of partitions that are read `handed` and got nothing since: what nobody handed over comes that much later. While something
 * was found so, or a reader began, in the last HANDED_CALM_MS; every fourth time else.
 */
export const HANDED_PROBE_MS = 250;
export const HANDED_CALM_MS = 10_000;
export const HANDED_CALM_TURNS = 4;
/** How long a reader waits for what is missing before records that were handed over already; then it asks the log. */
export const HANDED_GAP_MS = 20;
/** Records handed over that wait for what is missing before them, per partition; what comes beyond is read from the log. */
export const HANDED_AHEAD_RECORDS_MAX = 1_024;
/** Bytes of one partition in one fetch (or one batch). */
export const FETCH_PARTITION_BYTES = 1024 * 1024;
/** Bytes of one fetch. */
export const FETCH_BYTES_MAX = 8 * 1024 * 1024;
/** Bytes of records that wait for a subscriber's handler; then its partition is fetched no further until half of them are taken. */
export const FETCHED_BYTES_MAX = 4 * 1024 * 1024;

/** How long `close` waits for appends that are on their way; then they end as LogTimeout. */
export const CLOSE_PATIENCE_MS = 2_000;

/** Incarnations of topics that were ever made; more are refused. */
export const EPOCH_RECORDS_MAX = 100_000;
