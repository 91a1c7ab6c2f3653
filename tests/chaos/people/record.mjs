// Everything that clients asked, were answered and saw, with times: the testimony that the judge reads (libs/testing/src/testimony.ts).

export class Record {
  events = [];
  #began = performance.now();
  #calls = 0;
  #open = new Set();

  now() {
    return Math.round(performance.now() - this.#began);
  }

  #add(event) {
    this.events.push({ at: this.now(), ...event });
  }

  /** @param {object} [shown] what the box held before this session came */
  session(session, box, { follows, once }, shown) {
    this.#add({ what: 'session', session, box, follows, once, shown });
  }

  asked(session, box, request) {
    const call = this.#calls += 1;
    this.#open.add(call);
    this.#add({ what: 'asked', call, session, box, request });
    return call;
  }

  answered(call, answer) {
    this.#open.delete(call);
    this.#add({ what: 'answered', call, answer });
  }

  refused(call, error) {
    this.#open.delete(call);
    this.#add({ what: 'refused', call, error });
  }

  unknown(call, error) {
    this.#open.delete(call);
    this.#add({ what: 'unknown', call, error });
  }

  update(session, update) {
    this.#add({ what: 'update', session, update });
  }

  pushed(session, update) {
    this.#add({ what: 'pushed', session, update });
  }

  watched(box, by, from, to) {
    this.#add({ what: 'watched', box, by, from, to });
  }

  /** Calls under way. */
  get open() {
    return this.#open.size;
  }
}
