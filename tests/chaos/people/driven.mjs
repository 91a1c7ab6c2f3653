// Another library (teleproto, Telethon) in a process of its own, by the drivers of tests/conformance. The same surface as mtcute.mjs.
import { CLIENTS, Driver, followsOf } from '../../conformance/driver.mjs';
import { CallFailure } from './failure.mjs';

export class DrivenLibrary {
  onUpdate = () => {};
  #driver;

  constructor(library, dc, name) {
    this.library = library;
    this.dc = dc;
    this.follows = followsOf(CLIENTS[library]);
    this.once = CLIENTS[library].recovers;
    this.#driver = new Driver(library, name);
    this.#driver.onUpdate = (update) => this.onUpdate(update);
  }

  async login({ phone, code, firstName }) {
    await this.#driver.op('connect', { dc: this.dc });
    return (await this.#driver.op('start', { phone, code, firstName })).id;
  }

  async call(method, params, { timeoutMs = 20_000 } = {}) {
    try {
      return await this.#driver.op('call', { method, params }, timeoutMs);
    } catch (error) {
      throw new CallFailure(error.code ?? 0, error.type ?? String(error.message).split('\n')[0]);
    }
  }

  /** These libraries read their own answers. */
  take() {}

  async offline() {
    await this.#driver.op('disconnect');
  }

  async online() {
    await this.#driver.op('reconnect', {}, 60_000);
  }

  async close() {
    await this.#driver.close();
  }
}
