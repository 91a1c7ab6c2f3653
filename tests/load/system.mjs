// What every workload needs: a system of its own, the server's CPU and memory, percentiles, and a calibration of the machine.
import { createRequire } from 'node:module';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

const require = createRequire(import.meta.url);
const { startStandalone } = require('../../libs/testing/dist/standalone.js');

const CLOCK_TICKS_PER_SECOND = 100;

/** What `startSystem` starts: the embedded system in one process, or with `--stack` two data centers on real engines. */
let target = 'embedded';
export const onStack = () => target === 'stack';
export function useStack() {
  target = 'stack';
}

/**
 * Starts a system on free ports; `flags` and `folder` as in startStandalone. `system` tells what it uses: of the embedded system that is
 * its process, of the stack all processes of ours and all engines together.
 */
export async function startSystem(options = {}) {
  if (onStack()) return (await import('./stack.mjs')).startStackSystem(options);
  const standalone = await startStandalone(options);
  const system = Object.assign(standalone, { cpuSeconds: () => cpuSeconds(standalone.pid), residentKib: () => residentKib(standalone.pid), spent: () => new Map() });
  const document = await system.connect();
  const dc = document.dcs.find((candidate) => candidate.id === 2) ?? document.dcs[0];
  return { ...system, system, dc, get pid() { return system.pid; } };
}

/** User and system seconds that a process has used, all threads. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

/** Resident memory in KiB. */
export function residentKib(pid) {
  return Number(/^Rss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]);
}

export function percentile(values, share) {
  if (values.length === 0) return NaN;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Hashes of 16 KiB per CPU-second of this process: how fast the machine is today. */
export function calibration() {
  const block = Buffer.alloc(16_384, 7);
  const started = process.cpuUsage();
  for (let index = 0; index < 4000; index += 1) createHash('sha256').update(block).digest();
  const used = process.cpuUsage(started);
  return Math.round(4000 / ((used.user + used.system) / 1e6));
}

export function machine() {
  return `${cpus().length} cores, load ${loadavg()[0].toFixed(1)}, ${calibration()} SHA-256 of 16 KiB per CPU-second`;
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
export const round = (value, digits = 1) => (Number.isFinite(value) ? Number(value.toFixed(digits)) : value);

/** Runs `task(index)` for all indexes, `width` at a time. */
export async function inParallel(count, width, task) {
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(width, count) }, async () => {
    while (next < count) await task(next++);
  }));
}
