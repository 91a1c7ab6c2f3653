import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { ATTACKS } from './attacks';
import { World } from './world';

/** Seeds tried for a planted defect before it counts as not found. */
const ATTACK_SEEDS_MAX = 400;
const PROCESSES = 2;

interface SeedResult {
  seed: number;
  found: string[];
}

/** Seeds of this process: every PROCESSES-th. */
async function runSeeds(first: number, last: number, step: number, tell: (result: SeedResult) => void): Promise<void> {
  for (let seed = first; seed <= last; seed += step) tell({ seed, found: await new World(seed, undefined, false).run() });
}

async function runAttack(index: number): Promise<{ seed: number; found: string } | undefined> {
  for (let seed = 1; seed <= ATTACK_SEEDS_MAX; seed += 1) {
    const [found] = await new World(seed, ATTACKS[index], false).run();
    if (found !== undefined) return { seed, found };
  }
  return undefined;
}

/** A seed again, with everything that happened. */
async function replay(seed: number, attack: number | undefined): Promise<boolean> {
  const world = new World(seed, attack === undefined ? undefined : ATTACKS[attack], true);
  const found = await world.run();
  for (const line of world.scheduler.timeline) console.log(line);
  const { scenario } = world;
  console.log(`seed ${seed}: ${scenario.kind} stores, ${scenario.dcs} data centers, ${world.scheduler.steps} steps`);
  for (const line of found) console.log(`  ${line}`);
  return found.length === 0;
}

async function main(): Promise<void> {
  if (process.send !== undefined) {
    const [first, last] = process.argv.slice(2).map(Number) as [number, number];
    await runSeeds(first, last, PROCESSES, (result) => process.send?.(result));
    return;
  }
  const { values } = parseArgs({ options: { seeds: { type: 'string', default: '1000' }, from: { type: 'string', default: '1' }, seed: { type: 'string' }, attacks: { type: 'boolean', default: false }, attack: { type: 'string' } } });
  let passed = 0;
  let failed = 0;
  if (values.seed !== undefined) {
    if (await replay(Number(values.seed), values.attack === undefined ? undefined : Number(values.attack))) passed += 1;
    else failed += 1;
  } else {
    if (!values.attacks) {
      const started = performance.now();
      const first = Number(values.from);
      const last = first + Number(values.seeds) - 1;
      console.log(`seeds ${first} to ${last}`);
      const failures: number[] = [];
      await Promise.all(Array.from({ length: PROCESSES }, (_, index) => new Promise<void>((resolve, reject) => {
        const child = fork(__filename, [String(first + index), String(last)]);
        child.on('message', ({ seed, found }: SeedResult) => {
          if (found.length === 0) passed += 1;
          else {
            failed += 1;
            failures.push(seed);
            console.log(`seed ${seed} FAILED\n  ${found.slice(0, 5).join('\n  ')}`);
          }
        });
        child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a simulator process ended with ${code}`))));
      })));
      console.log(`${passed} of ${passed + failed} seeds hold I1-I6 (${Math.round((performance.now() - started) / 1000)} s)`);
      const [example] = failures.sort((a, b) => a - b);
      if (example !== undefined) await replay(example, undefined);
    }
    for (const [index, attack] of ATTACKS.entries()) {
      const hit = await runAttack(index);
      console.log(`attack ${String(index + 1).padStart(2)} ${attack.name} × ${hit === undefined ? 'NOT FOUND' : `found by seed ${hit.seed}: ${hit.found}`}`);
      if (hit === undefined) failed += 1;
      else passed += 1;
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

void main();
