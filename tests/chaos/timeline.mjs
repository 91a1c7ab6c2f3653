// What the run did, and when: printed as it happens, and kept.

export class Timeline {
  entries = [];
  #now;

  /** @param {() => number} now milliseconds since the start of the run */
  constructor(now) {
    this.#now = now;
  }

  log(text) {
    const at = this.#now();
    this.entries.push({ at, text });
    console.log(`${(at / 1000).toFixed(2).padStart(8)}  ${text}`);
  }
}
