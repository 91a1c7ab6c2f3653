// One person: talks, edits, deletes, reads and goes offline, and tells the record of everything that was asked, answered and seen.
import { CallFailure } from './failure.mjs';

/** A client gives up on an answer after this, and asks again. Milliseconds. */
const ANSWER_MS = 5_000;
/** An impatient client gives up much sooner, now and then. */
const IMPATIENT_MS = 25;
/** Sends are repeated with their random_id for so long; then they stay unknown. Milliseconds. */
const RETRY_MS = 90_000;
/** Own messages and incoming ones that may still be edited, deleted or read. */
const REMEMBERED_MAX = 40;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export class Person {
  /** id of a peer → InputPeer, by this person's access hashes. */
  peers = new Map();
  id = 0;
  /** Times (of the record) of the last acknowledged send, and of the last message of somebody else that was seen. */
  ackedAt = 0;
  heardAt = 0;
  /** When the send that was acknowledged last was first asked for. */
  ackedFrom = 0;
  /** The same from somebody of another data center. */
  heardFarAt = 0;
  isFar = () => false;
  counts = { sends: 0, acknowledged: 0, unknown: 0, refused: 0, edits: 0, deletes: 0, reads: 0, offline: 0 };
  /** Errors by their text, for the report of a run. */
  errors = new Map();
  #serial = 0;
  #own = [];
  #incoming = new Map();
  #busy = undefined;
  #talking = undefined;
  #stop = false;

  /**
   * @param {{index: number, dc: object, phone: string, code: string, firstName: string, library: object, record: object, random: object, canary: string, prefix: string}} options
   *   canary: a word in every text that must be found nowhere on disk; prefix: makes the keys of this run unlike any other's
   */
  constructor(options) {
    Object.assign(this, options);
    this.session = `${this.library.library}#${this.index}`;
  }

  async login() {
    const seen = [];
    this.library.onUpdate = (update) => seen.push(update);
    this.id = await this.library.login(this);
    this.record.session(this.session, this.id, this.library);
    for (const update of seen) this.#see(update);
    this.library.onUpdate = (update) => this.#see(update);
    this.library.onPushed = (update) => this.record.pushed(this.session, update);
  }

  /** Learns how to address somebody. */
  async meet(other) {
    const answer = await this.library.call('contacts.importContacts', { contacts: [{ _: 'inputPhoneContact', client_id: 1, phone: other.phone, first_name: `${other.firstName} ${this.canary}`, last_name: '' }] });
    const user = answer.users.find((candidate) => Number(candidate.id) === other.id);
    if (!user) throw new Error(`${this.session} did not find ${other.session} by phone`);
    this.peers.set(other.id, { _: 'inputPeerUser', user_id: other.id, access_hash: user.access_hash });
  }

  #see(update) {
    this.record.update(this.session, update);
    const message = update._ === 'updateNewMessage' && update.message._ === 'message' ? { ...update.message, peer: Number(update.message.peer_id.user_id) } : update._ === 'updateShortMessage' ? { ...update, peer: Number(update.user_id) } : undefined;
    if (message === undefined || message.out) return;
    this.heardAt = this.record.now();
    if (this.isFar(message.peer)) this.heardFarAt = this.heardAt;
    this.#incoming.set(message.peer, Math.max(this.#incoming.get(message.peer) ?? 0, message.id));
  }

  /** One attempt, on the record. @returns {Promise<object | undefined>} the result, or nothing */
  async #attempt(request, method, params, answerOf, options = {}) {
    const call = this.record.asked(this.session, this.id, request);
    try {
      const result = await this.library.call(method, params, { timeoutMs: ANSWER_MS, ...options });
      this.record.answered(call, answerOf(result));
      this.library.take(result);
      return result;
    } catch (error) {
      const failure = error instanceof CallFailure ? error : new CallFailure(0, String(error?.message ?? error));
      this.errors.set(failure.message, (this.errors.get(failure.message) ?? 0) + 1);
      if (failure.refusal) {
        this.counts.refused += 1;
        this.record.refused(call, failure.message);
        return failure;
      }
      this.counts.unknown += 1;
      this.record.unknown(call, failure.message);
      return undefined;
    }
  }

  /** Sends with one random_id until it is acknowledged, refused, or given up as unknown. @returns {Promise<{key, id, peer} | undefined>} */
  async send(peer, { filler = '', retryMs = RETRY_MS, patient = false } = {}) {
    const key = `${this.prefix}-${this.index}-${this.#serial += 1}`;
    const text = `${key}#0 ${this.canary}${filler}`;
    const randomId = `${this.random.long()}n`;
    const until = this.record.now() + retryMs;
    const began = this.record.now();
    this.counts.sends += 1;
    for (let pauseMs = 200; ; pauseMs = Math.min(pauseMs * 2, 2_000)) {
      const impatient = this.random.chance(0.03) && !patient;
      const result = await this.#attempt(
        { op: 'send', peer, key, text, randomId }, 'messages.sendMessage', { peer: this.peers.get(peer), message: text, random_id: randomId },
        (answer) => sentAnswer(answer), impatient ? { timeoutMs: IMPATIENT_MS } : {},
      );
      if (result instanceof CallFailure) return undefined;
      if (result !== undefined) {
        const { id } = sentAnswer(result);
        this.counts.acknowledged += 1;
        this.ackedAt = this.record.now();
        this.ackedFrom = began;
        const sent = { key, id, peer, edits: 0 };
        this.#own = [...this.#own, sent].slice(-REMEMBERED_MAX);
        return sent;
      }
      if (this.record.now() > until) return undefined;
      await sleep(pauseMs);
    }
  }

  async edit() {
    const message = this.random.pick(this.#own);
    if (message === undefined) return;
    message.edits += 1;
    const text = `${message.key}#e${message.edits} ${this.canary}`;
    this.counts.edits += 1;
    await this.#attempt(
      { op: 'edit', peer: message.peer, key: message.key, id: message.id, text }, 'messages.editMessage', { peer: this.peers.get(message.peer), id: message.id, message: text },
      (answer) => { const update = answer.updates?.find((candidate) => candidate._ === 'updateEditMessage'); return { pts: update?.pts, ptsCount: update?.pts_count }; },
    );
  }

  async remove() {
    const at = Math.floor(this.random.next() * this.#own.length);
    const [message] = this.#own.splice(at, 1);
    if (message === undefined) return;
    this.counts.deletes += 1;
    await this.#attempt({ op: 'delete', peer: message.peer, keys: [message.key], ids: [message.id], revoke: true }, 'messages.deleteMessages', { id: [message.id], revoke: true }, affected);
  }

  async read() {
    const [peer, maxId] = this.random.pick([...this.#incoming]) ?? [];
    if (peer === undefined || !this.peers.has(peer)) return;
    this.#incoming.delete(peer);
    this.counts.reads += 1;
    await this.#attempt({ op: 'read', peer, maxId }, 'messages.readHistory', { peer: this.peers.get(peer), max_id: maxId }, affected);
  }

  /** Away for a while, then back with what its library remembers. */
  async away() {
    this.counts.offline += 1;
    await this.library.offline();
    await sleep(this.random.between(300, 2_500));
    await this.library.online();
  }

  async #turn() {
    const peer = this.random.pick([...this.peers.keys()]);
    const dice = this.random.next();
    if (dice < 0.64 || this.#own.length === 0) await this.send(peer);
    else if (dice < 0.76) await this.edit();
    else if (dice < 0.82) await this.remove();
    else if (dice < 0.96) await this.read();
    else await this.away();
  }

  /** @param {number} paceMs mean pause between two actions */
  talk(paceMs) {
    if (this.#talking !== undefined) return;
    this.#stop = false;
    this.#talking = (async () => {
      while (!this.#stop) {
        this.#busy = this.#turn().catch((error) => this.errors.set(`turn: ${error?.message ?? error}`, (this.errors.get(`turn: ${error?.message ?? error}`) ?? 0) + 1));
        await this.#busy;
        await sleep(paceMs * (0.5 + this.random.next()));
      }
    })();
  }

  /** Ends after the action that is under way. */
  async hush() {
    this.#stop = true;
    await this.#talking;
    this.#talking = undefined;
  }
}

/** Where a sent message stands, by any of the answers that a send has. */
export function sentAnswer(answer) {
  if (answer._ === 'updateShortSentMessage') return { id: answer.id, date: answer.date, pts: answer.pts, ptsCount: answer.pts_count };
  const update = answer.updates?.find((candidate) => candidate._ === 'updateNewMessage');
  const named = answer.updates?.find((candidate) => candidate._ === 'updateMessageID');
  return { id: update?.message.id ?? named?.id, date: update?.message.date, pts: update?.pts, ptsCount: update?.pts_count };
}
const affected = (answer) => ({ pts: answer.pts, ptsCount: answer.pts_count });
