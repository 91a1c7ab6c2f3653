// mtcute (layer 227) inside this process: many people at little cost. The same surface as driven.mjs.
import { MemoryStorage, TcpTransport, TelegramClient } from '@mtcute/node';
import { addPublicKey } from '@mtcute/core/utils.js';
import { tl } from '@mtcute/core';
import { fromJson, toJson } from '../../conformance/drivers/tl-json.mjs';
import { CallFailure } from './failure.mjs';

/** Real clients ping each minute; here a dead connection shows sooner. Milliseconds. */
const PING_INTERVAL_MS = 5_000;

export class MtcuteLibrary {
  library = 'mtcute';
  follows = 'all';
  once = true;
  /** Called with each update that the library tells its owner of. */
  onUpdate = () => {};
  /** Called with each update that the server sends by itself, before the library makes anything of it. */
  onPushed = () => {};
  #client;
  #isOpen = false;
  #storage = new MemoryStorage();

  constructor(dc) {
    this.dc = dc;
  }

  async #open() {
    const { id, host: ipAddress, port } = this.dc;
    const client = new TelegramClient({
      apiId: 1, apiHash: '0'.repeat(32), storage: this.#storage, logLevel: Number(process.env.CHAOS_CLIENT_LOG ?? 0), transport: new TcpTransport(), updates: { catchUp: true },
      defaultDcs: { main: { id, ipAddress, port }, media: { id, ipAddress, port, mediaOnly: true } },
      network: { pingInterval: PING_INTERVAL_MS, floodControl: false },
    });
    const crypto = client.mt?.crypto ?? client._client?.crypto;
    await crypto.initialize?.();
    addPublicKey(crypto, this.dc.publicKey);
    client.onError.add(() => {});
    client.onRawUpdate.add(({ update }) => {
      // Its own books after an answer that holds only pts.
      if (update._ === 'updateDeleteMessages' && update.messages.length === 0) return;
      this.onUpdate(toJson(update));
    });
    client.onServerUpdate.add((container) => {
      const updates = container.updates ?? (container._ === 'updateShort' ? [container.update] : [container]);
      for (const update of updates) this.onPushed(toJson(update));
    });
    this.#client = client;
    await client.connect();
    this.#isOpen = true;
  }

  /** Signs in, or up. @returns {Promise<number>} the user's id */
  async login({ phone, code, firstName }) {
    await this.#open();
    const client = this.#client;
    const sent = await client.call({ _: 'auth.sendCode', phoneNumber: phone, apiId: 1, apiHash: 'chaos', settings: { _: 'codeSettings' } });
    let answer = await client.call({ _: 'auth.signIn', phoneNumber: phone, phoneCodeHash: sent.phoneCodeHash, phoneCode: code });
    if (answer._ === 'auth.authorizationSignUpRequired') answer = await client.call({ _: 'auth.signUp', phoneNumber: phone, phoneCodeHash: sent.phoneCodeHash, firstName, lastName: '' });
    await client.notifyLoggedIn(answer);
    await client.startUpdatesLoop();
    await client.call({ _: 'updates.getState' });
    return answer.user.id;
  }

  /** A method by TL's own names. @throws {CallFailure} */
  async call(method, params, { timeoutMs = 20_000, signal } = {}) {
    if (!this.#isOpen) throw new CallFailure(0, 'is offline');
    try {
      const result = await this.#client.call({ _: method, ...fromJson(params) }, { timeout: timeoutMs, abortSignal: signal, maxRetryCount: 0, floodSleepThreshold: 0 });
      return toJson(result);
    } catch (error) {
      // The library's own: no answer came in time.
      if (tl.RpcError.is(error, 'TIMEOUT')) throw new CallFailure(0, 'no answer in time');
      if (tl.RpcError.is(error)) throw new CallFailure(error.code, error.text.replace(/%d/g, () => String(error.seconds ?? error.newDc ?? '')));
      throw new CallFailure(0, String(error?.message ?? error));
    }
  }

  /** Tells the library of an answer's changes, as its own methods do with theirs. */
  take(answer) {
    if (answer._.startsWith('updates')) this.#client.handleClientUpdate(fromJson(answer), false);
    else if (['updateShortSentMessage', 'messages.affectedMessages'].includes(answer._) && answer.pts_count > 0) this.#client.handleClientUpdate({ _: 'updates', seq: 0, date: 0, chats: [], users: [], updates: [{ _: 'updateDeleteMessages', messages: [], pts: answer.pts, ptsCount: answer.pts_count }] }, true);
  }

  async offline() {
    this.#isOpen = false;
    await this.#client.destroy();
  }

  async online() {
    await this.#open();
    await this.#client.startUpdatesLoop();
  }

  async close() {
    this.#isOpen = false;
    await this.#client?.destroy();
  }
}
