/** Unwrapped data keys that a client of the key ring holds at the most; the least recently used goes first. */
export const DATA_KEYS_CACHED_MAX = 20_000;

/** Secrets that a client of the key ring holds at the most; the least recently used goes first. */
export const SECRETS_CACHED_MAX = 256;

/** How long an unwrapped key is used before it is asked for again: a deleted key works elsewhere for as long at the most. */
export const KEY_LEASE_MS = 10 * 60_000;

/** Different keys that may be asked for at once; more are refused with KeyringUnavailable. */
export const KEYS_IN_FLIGHT_MAX = 10_000;

/** Random bytes drawn at once for nonces. */
export const NONCE_POOL_BYTES = 12 * 512;
