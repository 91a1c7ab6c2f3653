/** Keys held at the most; at the limit those that expire first make room (everything here may vanish). */
export const KEYS_MAX = 1_000_000;

/** Bytes of one value at the most; larger ones are refused. */
export const VALUE_BYTES_MAX = 1024 * 1024;

/** Members of one set at the most; more are refused. */
export const SET_MEMBERS_MAX = 100_000;

/** Expired keys that one sweep removes at the most. */
export const SWEEP_KEYS_MAX = 10_000;

/** How often the memory adapter sweeps. */
export const SWEEP_INTERVAL_MS = 1_000;
