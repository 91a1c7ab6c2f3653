// What happens when a process dies that nobody ended: it is told at once, and started again after a pause, as an orchestrator would.
import { tail } from '../engines/processes.mjs';

/** Pause before the first restart; each one after it doubles, up to the longest. */
export const RESTART_FIRST_MS = 500;
export const RESTART_LONGEST_MS = 10_000;
/** A process that lived so long begins with the first pause again. */
export const LIVED_MS = 60_000;

/** The pause before the next restart, when the last one was made after `wait` and the process lived for `livedMs` since. */
export function restartPause({ wait, livedMs }) {
  return wait === undefined || livedMs >= LIVED_MS ? RESTART_FIRST_MS : Math.min(wait * 2, RESTART_LONGEST_MS);
}

/**
 * @param {object} options
 * @param {boolean} options.restarts
 * @param {(line: string) => void} options.log
 * @param {(process: import('../engines/owned-process.mjs').OwnedProcess, how: string) => void} options.onDeath
 * @param {(task: () => void, ms: number) => unknown} [options.later] a timer
 * @param {() => number} [options.now] milliseconds
 * @returns {{ died: (process: import('../engines/owned-process.mjs').OwnedProcess, how: string) => void, stop: () => void }} stop: nothing is told or started from then on
 */
export function watchDeaths({ restarts, log, onDeath, later = (task, ms) => setTimeout(task, ms).unref(), now = () => performance.now() }) {
  const last = new Map();
  let stopped = false;
  return {
    died(owned, how) {
      if (stopped) return;
      log(`${owned.name} ended: ${how}. The end of ${owned.log}:\n${tail(owned.log)}`);
      onDeath(owned, how);
      if (!restarts) return;
      const before = last.get(owned.name);
      const wait = restartPause({ wait: before?.wait, livedMs: now() - (before?.at ?? 0) });
      last.set(owned.name, { wait, at: now() + wait });
      later(() => {
        if (stopped || owned.running) return;
        log(`${owned.name} is started again`);
        owned.spawn();
      }, wait);
    },
    stop() {
      stopped = true;
    },
  };
}
