/** Keys held at the most; at the limit the oldest make room (everything here may vanish). */
export const KEYS_COUNT_MAX = 500_000;

/** Bytes of keys, values and members held at the most; at the limit the oldest keys make room. */
export const HELD_BYTES_MAX = 256 * 1024 * 1024;

/** Bytes of one value at the most; larger ones are refused. */
export const VALUE_BYTES_MAX = 1024 * 1024;

/** Members of one set at the most; more are refused. */
export const SET_MEMBERS_COUNT_MAX = 100_000;

/** Expired keys that one sweep removes at the most. */
export const SWEEP_KEYS_COUNT_MAX = 10_000;

/** How often the memory adapter sweeps. */
export const SWEEP_INTERVAL_MS = 1_000;
