/** Blind-index tokens of one message: media classes and words. Further words are not found by search. */
export const CONTENT_TOKENS_MAX = 64;
/** Partitions of box-commands, and of box-updates beside it. Never changed on a topic that holds records: a box must stay in its partition. */
export const BOX_PARTITIONS = 16;
/** Newest reactions whose givers a message itself names, beside those that its author did not see; the others are in its list. */
export const REACTIONS_SHOWN_MAX = 3;
/** Newest voters whom a poll itself names, of all and of each answer; the others are in its list. */
export const POLL_VOTERS_SHOWN_MAX = 3;
/** Bytes of one record of box-updates; asserted by the log. */
export const BOX_UPDATE_BYTES_MAX = 256 * 1024;
