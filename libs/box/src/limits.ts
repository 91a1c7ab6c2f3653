/** Blind-index tokens of one message: media classes and words. Further words are not found by search. */
export const CONTENT_TOKENS_MAX = 64;
