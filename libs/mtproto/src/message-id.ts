/** Seconds that a client's message id may be ahead of our clock, and behind it. Source: core.telegram.org/mtproto/description#message-identifier-msg-id */
const AHEAD_MAX_S = 30;
const BEHIND_MAX_S = 300;

/**
 * Message ids of the server: unix time in 2^-32 s, ever increasing in this process, even when the clock steps back.
 * An answer to a client's message is ≡ 1 mod 4, anything else ≡ 3.
 */
export class MessageIds {
  readonly #now: () => number;
  /** The last id handed out, rounded down to a multiple of 4. */
  #last = 0n;
  #lastMs = -1;

  /** `now` gives unix milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The next id for an answer to a client's message. */
  answer(): bigint {
    return this.#next() + 1n;
  }

  /** The next id for a message that the server sends by itself. */
  notification(): bigint {
    return this.#next() + 3n;
  }

  #next(): bigint {
    const ms = Math.trunc(this.#now());
    let next = this.#last + 4n;
    if (ms !== this.#lastMs) {
      this.#lastMs = ms;
      const fromClock = ((BigInt(ms) << 32n) / 1000n) & ~3n;
      if (fromClock > next) next = fromClock;
    }
    this.#last = next;
    return next;
  }
}

/** Unix seconds of a message id (its upper half). */
export function messageIdSeconds(messageId: bigint): number {
  return Number(messageId >> 32n);
}

/** Client message ids below this one are refused for their age (16) from now on. */
export const oldestClientMessageId = (nowMs: number): bigint => BigInt(Math.max(0, Math.floor(nowMs / 1000) - BEHIND_MAX_S)) << 32n;

/** The codes of bad_msg_notification that depend on the id alone; undefined when it is fine: 18 not divisible by 4, 17 more than 30 s ahead, 16 more than 300 s old. */
export function checkClientMessageId(messageId: bigint, nowMs: number): 16 | 17 | 18 | undefined {
  if ((messageId & 3n) !== 0n) return 18;
  const ageS = nowMs / 1000 - messageIdSeconds(messageId);
  if (ageS < -AHEAD_MAX_S) return 17;
  return ageS > BEHIND_MAX_S ? 16 : undefined;
}
