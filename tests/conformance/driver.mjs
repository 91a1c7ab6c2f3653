// The runner's side of a driver process: calls, and a log of the updates that its library reported.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pythonWith } from './python.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const CALL_TIMEOUT_MS = 20_000;
const UPDATE_TIMEOUT_MS = 8_000;

export class ClientError extends Error {
  constructor(call, { code, type, text, stack }) {
    super(`${call}: ${type ? `${code} ${type}` : text}`);
    Object.assign(this, { code, type, text, remoteStack: stack });
  }
}

/**
 * The client libraries: how to start a driver, its layer, and the transports it speaks. `migrates`: its driver can begin at a data center
 * that is not the user's home. `keepsMessagesOnly`: it moves its pts before it looks at a difference's other updates, and drops them as
 * known (Telethon's apply_difference_type). `followsChannels`: it asks for the differences of the channels that the common one names.
 */
export const CLIENTS = {
  mtcute: { layer: 227, migrates: true, joinsChatlists: true, transports: ['intermediate', 'padded', 'obfuscated'], pfs: true, recovers: true, followsChannels: true, command: () => [process.execPath, [join(here, 'drivers/mtcute.mjs')]] },
  teleproto: { layer: 229, migrates: true, transports: ['full', 'abridged', 'obfuscated'], recovers: true, keepsStateInMemory: true, command: () => [process.execPath, [join(here, 'drivers/gram.mjs'), 'teleproto']] },
  gramjs: { layer: 198, migrates: true, transports: ['full', 'abridged', 'obfuscated', 'websocket'], recovers: false, command: () => [process.execPath, [join(here, 'drivers/gram.mjs'), 'telegram']] },
  telethon: { layer: 229, migrates: true, transports: ['full', 'abridged', 'intermediate', 'obfuscated'], recovers: true, keepsMessagesOnly: true, followsChannels: true, command: () => [pythonWith('telethon'), [join(here, 'drivers/telethon_driver.py')]] },
  kurigram: { layer: 229, transports: ['abridged', 'full', 'intermediate', 'obfuscated'], recovers: true, followsChannels: true, command: () => [pythonWith('kurigram'), [join(here, 'drivers/kurigram_driver.py')]] },
};

/** What a library's user learns of what happened while it was away, in the words of libs/testing/src/testimony.ts. */
export const followsOf = ({ recovers, keepsMessagesOnly }) => (recovers ? keepsMessagesOnly ? 'messages' : 'all' : 'nothing');

export class Driver {
  #next = 1;
  #waiting = new Map();
  #listeners = new Set();
  updates = [];
  /** Called with each update as it comes. */
  onUpdate;

  constructor(library, name) {
    this.library = library;
    this.name = name;
    this.log = '';
    const [command, args] = CLIENTS[library].command();
    this.process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.process.stderr.on('data', (chunk) => {
      this.log = (this.log + chunk).slice(-20_000);
      if (process.env.DRIVER_ECHO) process.stderr.write(String(chunk).split('\n').map((l) => `[${this.name}] ${l}\n`).join(''));
    });
    this.process.on('exit', () => {
      for (const { failed, call } of this.#waiting.values()) failed(new Error(`${call}: the driver ended\n${this.log.slice(-2000)}`));
      this.#waiting.clear();
    });
    createInterface({ input: this.process.stdout }).on('line', (line) => this.#onLine(line));
  }

  #onLine(line) {
    const message = JSON.parse(line);
    if (message.event) {
      if (message.event.update) {
        this.updates.push(message.event.update);
        this.onUpdate?.(message.event.update);
        for (const listener of this.#listeners) listener(message.event.update);
      }
      return;
    }
    const waiting = this.#waiting.get(message.id);
    if (!waiting) return;
    this.#waiting.delete(message.id);
    clearTimeout(waiting.timer);
    if (message.error) waiting.failed(new ClientError(waiting.call, message.error));
    else waiting.done(message.result);
  }

  /** One operation of the driver protocol. */
  op(op, args = {}, timeoutMs = CALL_TIMEOUT_MS) {
    const id = this.#next++;
    const call = `${this.name} ${op}${args.method ? ` ${args.method}` : ''}`;
    return new Promise((done, failed) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        failed(new Error(`${call}: no answer within ${timeoutMs} ms\n${this.log.slice(-1500)}`));
      }, timeoutMs);
      this.#waiting.set(id, { done, failed, timer, call });
      this.process.stdin.write(`${JSON.stringify({ id, op, args })}\n`);
    });
  }

  /** A raw TL method through the library's own encoder. */
  call(method, params = {}) {
    return this.op('call', { method, params });
  }

  /** The first update (since `mark()`, or ever) that satisfies `test`. */
  update(test, what = 'an update', timeoutMs = UPDATE_TIMEOUT_MS, from = 0) {
    const found = this.updates.slice(from).find(test);
    if (found) return Promise.resolve(found);
    return new Promise((done, failed) => {
      const listener = (update) => {
        if (!test(update)) return;
        clearTimeout(timer);
        this.#listeners.delete(listener);
        done(update);
      };
      const timer = setTimeout(() => {
        this.#listeners.delete(listener);
        failed(new Error(`${this.name}: ${what} did not arrive within ${timeoutMs} ms; had ${this.updates.slice(from).map((u) => u._).join(', ').slice(-400)}`));
      }, timeoutMs);
      this.#listeners.add(listener);
    });
  }

  mark() {
    return this.updates.length;
  }

  async close() {
    this.process.stdin.end();
    await new Promise((done) => {
      if (this.process.exitCode !== null) return done();
      const timer = setTimeout(() => this.process.kill('SIGKILL'), 3000);
      this.process.on('exit', () => { clearTimeout(timer); done(); });
    });
  }
}
