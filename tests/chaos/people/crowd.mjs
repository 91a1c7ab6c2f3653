// The people of a run: in every DC, acquainted within and across DCs, some with a second client library that watches.
import { randomBytes } from 'node:crypto';
import { DrivenLibrary } from './driven.mjs';
import { MtcuteLibrary } from './mtcute.mjs';
import { Person } from './person.mjs';
import { Record } from './record.mjs';
import { loginOf } from './login.mjs';

const FIRST_PHONE = 3_000;
/** Ops of people who are not yet back end within this. Milliseconds. */
const HUSH_MS = 150_000;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export class Crowd {
  people = [];
  /** Second logins of some people: they only watch. */
  watchers = [];
  record = new Record();
  remembered = [];
  #nextIndex = 500;

  /**
   * @param {{dcs: object[], perDc: number, watching: string[], random: object, paceMs?: number}} options watching: libraries of second logins, for the first people;
   *   paceMs: mean pause of each between two actions
   */
  constructor({ dcs, perDc, watching, random, paceMs = 250 }) {
    Object.assign(this, { dcs, perDc, watching, random, paceMs });
    /** In texts and names; to be found in the clear in no file. */
    this.canary = `qanary${randomBytes(8).toString('hex')}`;
    this.publicName = `name${randomBytes(8).toString('hex')}`;
    this.prefix = randomBytes(2).toString('hex');
  }

  person(dc, index) {
    return new Person({
      index, dc, phone: `99966${dc.id}${String(FIRST_PHONE + index)}`, code: String(dc.id).repeat(5), firstName: `Ada ${this.canary}`, library: new MtcuteLibrary(dc), record: this.record,
      random: this.random.fork(`person ${index}`), canary: this.canary, prefix: this.prefix,
    });
  }

  /** A number that no person of this run has. */
  nextIndex() {
    return this.#nextIndex++;
  }

  async gather() {
    for (const dc of this.dcs) {
      for (let index = 0; index < this.perDc; index += 1) {
        const person = this.person(dc, this.people.length);
        await person.login();
        person.isFar = (id) => this.people.some((other) => other.id === id && other.dc.id !== dc.id);
        this.people.push(person);
      }
    }
    // Usernames are public and stored as they are: who looks for the canary must find this one.
    await this.people[0].library.call('account.updateUsername', { username: this.publicName });
    for (const [index, library] of this.watching.entries()) {
      const owner = this.people[(index * this.perDc + index) % this.people.length];
      const session = `${library}#${owner.index} watches`;
      const watcher = { owner, session, library: new DrivenLibrary(library, owner.dc, session) };
      const seen = [];
      watcher.library.onUpdate = (update) => seen.push(update);
      await watcher.library.login(owner);
      this.record.session(session, owner.id, watcher.library, await loginOf(owner.library, owner.id));
      watcher.library.onUpdate = (update) => this.record.update(session, update);
      for (const update of seen) this.record.update(session, update);
      this.watchers.push(watcher);
    }
    // A ring with chords: two neighbours and one far away, in both directions.
    const count = this.people.length;
    for (const [index, person] of this.people.entries()) {
      for (const step of [1, count - 1, Math.floor(count / 2)]) {
        const other = this.people[(index + step) % count];
        if (other !== person && !person.peers.has(other.id)) await person.meet(other);
      }
    }
  }

  talk(paceMs = this.paceMs) {
    for (const person of this.people) person.talk(paceMs);
  }

  async hush() {
    await Promise.race([
      Promise.all(this.people.map((person) => person.hush())),
      sleep(HUSH_MS).then(() => { throw new Error(`${this.record.open} calls did not end within ${HUSH_MS / 1000} s after the fault was mended`); }),
    ]);
  }

  /**
   * Resolves when everybody had a send acknowledged and heard from somebody, both after `since`.
   * @returns {Promise<number | undefined>} milliseconds from `since` until then; undefined when the time is over
   */
  async recovered(since, limitMs) {
    for (;;) {
      const late = this.people.filter((person) => person.ackedAt <= since || person.heardAt <= since);
      if (late.length === 0) return Math.max(...this.people.map((person) => Math.max(person.ackedAt, person.heardAt))) - since;
      if (this.record.now() - since > limitMs) return undefined;
      await sleep(20);
    }
  }

  /** The same for those who know somebody in another data center: each heard from there, after `since`. */
  async crossed(since, limitMs) {
    const across = this.people.filter((person) => this.people.some((other) => other.dc.id !== person.dc.id && other.peers.has(person.id)));
    for (;;) {
      if (across.every((person) => person.heardFarAt > since)) return Math.max(...across.map((person) => person.heardFarAt)) - since;
      if (this.record.now() - since > limitMs) return undefined;
      await sleep(20);
    }
  }

  /**
   * Resolves when everybody of a DC had a send acknowledged that they began after `since`.
   * @returns {Promise<number | undefined>} milliseconds from `since` until then; undefined when the time is over
   */
  async served(dc, since, limitMs) {
    const left = new Set(this.people.filter((person) => person.dc.id === dc));
    for (;;) {
      for (const person of left) if (person.ackedFrom > since) left.delete(person);
      if (left.size === 0) return this.record.now() - since;
      if (this.record.now() - since > limitMs) return undefined;
      await sleep(20);
    }
  }

  /** What was acknowledged, in all or in one DC. */
  acknowledged(dc) {
    return this.people.filter((person) => dc === undefined || person.dc.id === dc).reduce((sum, person) => sum + person.counts.acknowledged, 0);
  }

  counts() {
    const sum = {};
    for (const person of this.people) for (const [name, count] of Object.entries(person.counts)) sum[name] = (sum[name] ?? 0) + count;
    return sum;
  }

  errors() {
    const sum = new Map();
    for (const person of this.people) for (const [text, count] of person.errors) sum.set(text, (sum.get(text) ?? 0) + count);
    return [...sum].sort((a, b) => b[1] - a[1]);
  }

  /** Somebody remembers a state and all that it shows, for a difference in the end. */
  async remember() {
    const person = this.random.pick(this.people);
    try {
      this.remembered.push({ by: `${person.session} of ${this.record.now()} ms`, login: await loginOf(person.library, person.id, { atRest: false }), person });
    } catch {
      // It could not be reached; another one will be.
    }
  }

  async close() {
    await Promise.all([...this.people, ...this.watchers].map(({ library }) => library.close().catch(() => {})));
  }
}
