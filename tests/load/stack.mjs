// The stack as a target of the load programs: two data centers on real engines, one process per service.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack } from '../../tools/stack/stack.mjs';
import { cpuSeconds, residentKib } from './system.mjs';

/** Away from the ports of a stack that somebody runs for himself. */
const BASE_PORT = 21_400;

const running = new Set();

/** Ends what a workload that failed has left. */
export async function endStacks() {
  for (const stack of running) await stack.stop({ remove: true, graceMs: 0 });
  running.clear();
}

/**
 * As startSystem: `dc` is DC 2. The figures are of all processes of ours, balancers too, and of all engines.
 * @param {{ settings?: Record<string, string>, links?: object }} [options]
 */
export async function startStackSystem({ settings, links } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-stack-'));
  const stack = await startStack({ folder, port: 5430, httpPort: 5480, basePort: BASE_PORT, settings, links, fresh: true });
  running.add(stack);
  const document = await (await fetch(stack.url)).json();
  const everything = () => [...stack.engines.engines, ...stack.processes].filter(({ pid }) => pid !== undefined);
  const sum = (measure) => everything().reduce((total, { pid }) => total + measure(pid), 0);
  const system = {
    stack,
    cpuSeconds: () => sum(cpuSeconds),
    residentKib: () => sum(residentKib),
    /** CPU-seconds by kind: the service, or the engine. */
    spent: () => {
      const spent = new Map();
      for (const { name, pid } of everything()) {
        const kind = name.replace(/-dc\d.*$/, '');
        spent.set(kind, (spent.get(kind) ?? 0) + cpuSeconds(pid));
      }
      return spent;
    },
  };
  return {
    system, document, dc: document.dcs.find(({ id }) => id === 2), folder,
    stop: async () => {
      await stack.stop({ remove: true, graceMs: 0 });
      running.delete(stack);
    },
  };
}

/** Milliseconds of CPU by kind for each of `count` units of work, the largest first, as a text. */
export function spentSince(before, after, count) {
  return [...after].map(([kind, seconds]) => [kind, ((seconds - (before.get(kind) ?? 0)) * 1000) / count]).filter(([, ms]) => ms >= 0.005).sort((one, other) => other[1] - one[1])
    .map(([kind, ms]) => `${kind} ${ms.toFixed(2)}`).join(', ');
}
