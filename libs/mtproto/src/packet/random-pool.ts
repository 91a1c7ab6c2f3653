const POOL_BYTES = 4_096;

/** Random bytes drawn from the system in large pieces: one draw per packet would cost more than its encryption. Every byte is handed out once. */
export class RandomPool {
  readonly #fill: (bytes: Uint8Array) => void;
  readonly #pool = new Uint8Array(POOL_BYTES);
  #used = POOL_BYTES;

  /** `fill` overwrites its argument with cryptographically random bytes. */
  constructor(fill: (bytes: Uint8Array) => void) {
    this.#fill = fill;
  }

  /** A view of `count` fresh bytes, valid until the next call. */
  take(count: number): Uint8Array {
    if (this.#used + count > POOL_BYTES) {
      this.#fill(this.#pool);
      this.#used = 0;
    }
    this.#used += count;
    return this.#pool.subarray(this.#used - count, this.#used);
  }
}
