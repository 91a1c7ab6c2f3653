/** Records of one `read` or one batch at the most. */
export const READ_RECORDS_MAX = 1_000;

/** Bytes of records in one batch at the most (one record is always given). */
export const BATCH_BYTES_MAX = 4 * 1024 * 1024;

/** Newest records of a durable partition kept in memory for its subscribers; older ones are read from disk. */
export const TAIL_RECORDS_MAX = 512;

/** Records of a volatile partition kept at the most; the oldest fall out, and who wanted them gets OffsetOutOfRange. */
export const VOLATILE_RECORDS_MAX = 65_536;

/** Bytes of a volatile partition kept at the most; the oldest fall out. */
export const VOLATILE_BYTES_MAX = 16 * 1024 * 1024;

/** Topics of one environment at the most; more are refused. */
export const TOPICS_MAX = 250;

/** Partitions of a topic at the most; more are refused. */
export const PARTITIONS_MAX = 4_096;

/** Records that one trimming removes from a partition at the most; the rest waits for the next. */
export const TRIM_RECORDS_MAX = 2_000;

/** How often the embedded log trims. */
export const TRIM_INTERVAL_MS = 5_000;

/** A batch whose handler failed is given again after this long. */
export const REDELIVERY_MS = 500;

/** Subscriptions of one partition at the most; more are refused. */
export const SUBSCRIPTIONS_MAX = 64;
