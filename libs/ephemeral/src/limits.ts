/** Keys that the memory adapter holds at the most; at the limit the oldest make room (everything here may vanish). */
export const KEYS_COUNT_MAX = 500_000;

/** Bytes of keys, values and members that the memory adapter holds at the most; at the limit the oldest keys make room. */
export const HELD_BYTES_MAX = 256 * 1024 * 1024;

/** UTF-8 bytes of a key or a channel at the most; longer ones are refused. */
export const KEY_BYTES_MAX = 512;

/** Bytes of one value at the most; larger ones are refused. */
export const VALUE_BYTES_MAX = 1024 * 1024;

/** Bytes of one published message at the most; larger ones are refused. */
export const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

/** Members of one set at the most; more are refused. */
export const SET_MEMBERS_COUNT_MAX = 100_000;

/** UTF-8 bytes of one member at the most; longer ones are refused. */
export const MEMBER_BYTES_MAX = 512;

/** The longest time to live, a leap year; longer ones are refused. */
export const TTL_MS_MAX = 366 * 24 * 3600 * 1000;

/** Expired keys that one sweep removes at the most. */
export const SWEEP_KEYS_COUNT_MAX = 10_000;

/** How often the memory adapter sweeps. */
export const SWEEP_INTERVAL_MS = 1_000;

/** Redis: a command without an answer after so long fails as unavailable; its outcome is unknown. */
export const COMMAND_TIMEOUT_MS = 1_000;

/** Redis: a connection on which commands wait and nothing at all came for so long is given up and made anew. */
export const SILENCE_MS_MAX = 1_000;

/** Redis: making a connection takes so long at the most, then it is tried anew. */
export const CONNECT_TIMEOUT_MS = 2_000;

/** Redis: closing a connection takes so long at the most, then it is broken. */
export const CLOSE_TIMEOUT_MS = 250;

/** Redis: the pause before a connection is made anew begins at this, doubles, and is spread at random below that. */
export const RECONNECT_DELAY_MS = 50;

/** Redis: the longest pause before a connection is made anew. */
export const RECONNECT_DELAY_MS_MAX = 1_000;

/** Redis: commands without an answer at the most; more fail at once as unavailable. */
export const COMMANDS_WAITING_COUNT_MAX = 10_000;

/** Redis: bytes of values, members and messages in commands without an answer at the most; more fail at once as unavailable. */
export const COMMANDS_WAITING_BYTES_MAX = 64 * 1024 * 1024;

/** Redis: how often the connection of subscriptions is asked whether it still lives (nothing else would show that it does not). */
export const SUBSCRIBER_PING_INTERVAL_MS = 2_000;

/** Redis: channels subscribed at the most; more are refused. */
export const CHANNELS_COUNT_MAX = 10_000;
