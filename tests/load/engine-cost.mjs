// CPU of the box engine alone for private messages, on the embedded store in a temporary folder: engine, log and tables, both
// boxes, events appended, nothing encrypted, no gateway. node tests/load/engine-cost.mjs [--senders 64] [--boxes 1000] [--seconds 6] [--rate N] [--body 300]
// With --rate: messages per second, evenly; else each sender sends its next when the former is acknowledged.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
const root = new URL('../..', import.meta.url).pathname;
const { createBoxEngine } = require(`${root}services/message-store/dist/engine/engine.js`);
const { systemClock } = require(`${root}libs/service-kit/dist/system-clock.js`);
const { openEmbedded } = require(`${root}libs/event-log/dist/embedded.js`);

const { values } = parseArgs({ options: { senders: { type: 'string', default: '64' }, boxes: { type: 'string', default: '1000' }, seconds: { type: 'string', default: '6' }, rate: { type: 'string' }, body: { type: 'string', default: '300' } } });
const senders = Number(values.senders);
const boxes = Array.from({ length: Number(values.boxes) }, (_, i) => ((1 << 20) + i * 7919) * 32 + 2);
const folder = mkdtempSync(join(tmpdir(), 'engine-cost-'));
const ports = await openEmbedded({ folder: join(folder, 'dc2'), directory: join(folder, 'directory') });
const log = { debug() {}, info() {}, warn: console.warn, error: console.error };
const clock = systemClock(() => log);
const engine = await createBoxEngine({ ...ports, clock, log, random: (n) => new Uint8Array(randomBytes(n)), dc: 2, relayDcs: [], relay: async () => {} });

const sealed = new Uint8Array(randomBytes(Number(values.body)));
const tokens = new Uint8Array(randomBytes(64));
const latencies = [];
let sent = 0;
const pick = () => boxes[Math.floor(Math.random() * boxes.length)];
async function sendOne() {
  const from = pick();
  let to = pick();
  while (to === from) to = pick();
  const started = performance.now();
  const outcome = await engine.submit({
    box: from, date: Math.floor(Date.now() / 1000), callerAuthKeyId: 1n, callerSessionId: 2n,
    body: { case: 'send', value: { peer: BigInt(to), randomId: randomBytes(8).readBigInt64LE(), content: { sealed, tokens } } },
  });
  if (outcome.error) throw new Error(outcome.error);
  latencies.push(performance.now() - started);
  sent += 1;
}
const calibration = (() => {
  const block = randomBytes(16384);
  const started = process.cpuUsage();
  for (let i = 0; i < 2000; i += 1) createHash('sha256').update(block).digest();
  return process.cpuUsage(started).user / 2000;
})();

async function run(seconds, rate) {
  const until = performance.now() + seconds * 1000;
  if (rate === undefined) {
    await Promise.all(Array.from({ length: senders }, async () => {
      while (performance.now() < until) await sendOne();
    }));
    return;
  }
  const gap = 1000 / rate;
  const pending = new Set();
  for (let due = performance.now(); due < until; due += gap) {
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const one = sendOne();
    pending.add(one);
    void one.finally(() => pending.delete(one));
  }
  await Promise.all(pending);
}

// Warm, and at rest again.
await run(3);
await new Promise((resolve) => setTimeout(resolve, 3000));
sent = 0;
latencies.length = 0;
const started = performance.now();
const cpu = process.cpuUsage();
await run(Number(values.seconds), values.rate === undefined ? undefined : Number(values.rate));
const used = process.cpuUsage(cpu);
const seconds = (performance.now() - started) / 1000;
latencies.sort((a, b) => a - b);
const at = (share) => (latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(2);
console.log(`cores ${cpus().length}, load ${loadavg()[0].toFixed(2)}, SHA-256 of 16 KB ${calibration.toFixed(1)} us`);
console.log(`${sent} messages in ${seconds.toFixed(1)} s (${Math.round(sent / seconds)}/s), CPU ${((used.user + used.system) / sent).toFixed(1)} us a message (user ${(used.user / sent).toFixed(1)}, system ${(used.system / sent).toFixed(1)}), ack p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
const closing = performance.now();
await engine.close();
await ports.eventLog.close();
await ports.storage.close();
console.log(`closed in ${Math.round(performance.now() - closing)} ms; rss ${Math.round(process.memoryUsage().rss / 1048576)} MB`);
rmSync(folder, { recursive: true });
