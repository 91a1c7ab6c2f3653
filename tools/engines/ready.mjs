// Waiting for a process until it can do its work.
import { pause, tail } from './processes.mjs';

/** Time in which an engine must be ready after its start. */
export const READY_MS = 120_000;
const LOOK_MS = 50;

/**
 * Waits until a process answers by its own protocol.
 * @param {{ name: string, ready: () => Promise<boolean> }} asked
 * @param {import('./processes.mjs').Launched} launched
 * @throws with the end of its log when it ends or does not answer in time
 */
export async function untilReady({ name, ready }, launched, limitMs = READY_MS) {
  const deadline = performance.now() + limitMs;
  while (!await ready()) {
    if (launched.how !== undefined) throw new Error(`${name} ended while it started (${launched.how}). The end of ${launched.log}:\n${tail(launched.log)}`);
    if (performance.now() > deadline) throw new Error(`${name} was not ready within ${limitMs / 1000} s. The end of ${launched.log}:\n${tail(launched.log)}`);
    await pause(LOOK_MS);
  }
}
