/** The log cannot serve now; the message says what to do. An append that fails so has an *unknown* outcome. */
export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable';
}

/** No answer in time: the append may or may not have happened. */
export class LogTimeout extends Error {
  override readonly name = 'LogTimeout';
}

/** A programming or schema error; repeating it does not help, and nothing was appended. */
export class LogRefused extends Error {
  override readonly name = 'LogRefused';
}

/** The log does not hold that offset: it was trimmed away, or never written. Going on from elsewhere would skip records. */
export class OffsetOutOfRange extends Error {
  override readonly name = 'OffsetOutOfRange';

  constructor(readonly topic: string, readonly partition: number, readonly offset: bigint, readonly earliest: bigint, readonly next: bigint) {
    super(`${topic}/${partition} holds offsets ${earliest} up to ${next}, not ${offset}`);
  }
}
