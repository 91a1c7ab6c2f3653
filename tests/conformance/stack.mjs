// The conformance tier against the stack: starts two data centers on real engines, tries the libraries in both, and ends them.
//   node stack.mjs [--clients mtcute,telethon] [--short]     short: one library in each data center
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { startStack } from '../../tools/stack/stack.mjs';

const { values: options } = parseArgs({ options: { clients: { type: 'string' }, short: { type: 'boolean', default: false } } });
/** Away from the ports of a stack that somebody runs for himself. */
const PORTS = { port: 5830, httpPort: 5880, basePort: 21_800 };
const rounds = options.short ? [{ dc: 2, clients: options.clients ?? 'mtcute' }, { dc: 1, clients: options.clients ?? 'telethon' }] : [{ dc: 2, clients: options.clients }, { dc: 1, clients: options.clients }];

/** Its counts, from the closing line. */
function conformance(url, { dc, clients }) {
  return new Promise((resolve) => {
    const args = [fileURLToPath(new URL('./run.mjs', import.meta.url)), '--connect', url, '--dc', String(dc), ...(clients ? ['--clients', clients] : [])];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let last = '';
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      last = (last + chunk).slice(-4_000);
    });
    child.once('close', (code) => {
      const counts = /(\d+) passed, (\d+) failed\s*$/.exec(last);
      // A run without a closing line is a failure of its own.
      resolve({ passed: Number(counts?.[1] ?? 0), failed: counts === null ? 1 : Math.max(Number(counts[2]), code === 0 ? 0 : 1) });
    });
  });
}

const started = performance.now();
const stack = await startStack({ folder: mkdtempSync(join(tmpdir(), 'heliograph-stack-')), ...PORTS, fresh: true });
console.log(`stack: ready ${stack.url} after ${Math.round((performance.now() - started) / 1000)} s`);
const total = { passed: 0, failed: 0 };
try {
  for (const round of rounds) {
    console.log(`\n── data center ${round.dc}`);
    const { passed, failed } = await conformance(stack.url, round);
    total.passed += passed;
    total.failed += failed;
  }
} finally {
  await stack.stop({ remove: true, graceMs: 0 });
}
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);
