/**
 * Message ids of the server: unix time in 2^-32 s, ever increasing in this process. An answer to a client's message is ≡ 1 mod 4, anything else ≡ 3.
 * Source: core.telegram.org/mtproto/description#message-identifier-msg-id
 */
export class MessageIds {
  /** `now` gives unix milliseconds. */
  constructor(now: () => number) { void now; }
  answer(): bigint { throw new Error('not built yet'); }
  notification(): bigint { throw new Error('not built yet'); }
}
/** Unix seconds of a message id (its upper half). */
export function messageIdSeconds(messageId: bigint): number { void messageId; throw new Error('not built yet'); }
/** The codes of bad_msg_notification that depend on the id alone; undefined when it is fine: 18 not divisible by 4, 17 more than 30 s ahead, 16 more than 300 s old. */
export function checkClientMessageId(messageId: bigint, nowMs: number): 16 | 17 | 18 | undefined { void messageId; void nowMs; throw new Error('not built yet'); }
