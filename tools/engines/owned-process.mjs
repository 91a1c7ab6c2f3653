// A process of ours that can be started, hurt, and started again.
import { READY_MS, untilReady } from './ready.mjs';
import { endAll, isAlive, launch, signal } from './processes.mjs';

/**
 * @param {object} options
 * @param {string} options.name
 * @param {string} options.folder what it is started for: see markedFor in processes.mjs
 * @param {string} options.command
 * @param {string[] | (() => string[])} options.args
 * @param {Record<string, string>} [options.env] beside this process's own
 * @param {string} [options.cwd]
 * @param {string} options.log
 * @param {boolean} [options.tied]
 * @param {boolean} [options.locksNoMemory]
 * @param {() => Promise<boolean>} options.ready asks once whether it can do its work
 * @param {(how: string) => void} [options.onDeath] told when it ends and nobody ended it
 * @param {() => void} [options.onChange] told when its pid is another
 * @returns {OwnedProcess}
 *
 * @typedef {object} OwnedProcess
 * @property {string} name
 * @property {string} log
 * @property {number | undefined} pid of the last start
 * @property {string | undefined} started
 * @property {boolean} running
 * @property {() => Promise<boolean>} ready asks once whether it can do its work
 * @property {(options?: { readyMs?: number, env?: Record<string, string> }) => Promise<void>} start done when it is ready
 * @property {(env?: Record<string, string>) => void} spawn starts without waiting; `env` is added for this start alone
 * @property {(readyMs?: number) => Promise<void>} untilReady
 * @property {() => Promise<void>} kill −9; done when it is gone
 * @property {(options?: { graceMs?: number }) => Promise<void>} term SIGTERM, and SIGKILL after the grace; done when it is gone
 * @property {() => boolean} pause SIGSTOP
 * @property {() => boolean} resume SIGCONT
 * @property {(options?: { graceMs?: number }) => Promise<void>} restart term and start
 */
export function ownedProcess({ name, folder, command, args, env, cwd, log, tied = true, locksNoMemory = false, ready, onDeath = () => {}, onChange = () => {} }) {
  /** @type {import('./processes.mjs').Launched | undefined} */
  let launched;
  // The one whose end was asked for: that is no death.
  let ending;
  const owned = {
    name, log, ready,
    get pid() {
      return launched?.pid;
    },
    get started() {
      return launched?.started;
    },
    get running() {
      return launched !== undefined && isAlive(launched);
    },
    spawn(extra = {}) {
      if (owned.running) throw new Error(`${name} runs already (pid ${launched.pid})`);
      const own = launch({ name, folder, command, args: typeof args === 'function' ? args() : args, env: { ...process.env, ...env, ...extra }, cwd, log, tied, locksNoMemory });
      launched = own;
      void own.ended.then((how) => {
        if (ending !== own) onDeath(how);
      });
      onChange();
    },
    untilReady: (readyMs = READY_MS) => untilReady(owned, launched, readyMs),
    async start({ readyMs, env: extra } = {}) {
      owned.spawn(extra);
      await owned.untilReady(readyMs);
    },
    kill: () => owned.term({ graceMs: 0 }),
    async term({ graceMs } = {}) {
      const own = launched;
      if (own === undefined) return;
      ending = own;
      await endAll([own], { graceMs });
      await own.ended;
    },
    pause: () => launched !== undefined && signal(launched, 'SIGSTOP'),
    resume: () => launched !== undefined && signal(launched, 'SIGCONT'),
    async restart(options) {
      await owned.term(options);
      await owned.start();
    },
  };
  return owned;
}
