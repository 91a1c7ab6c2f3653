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

interface AttackResult {
  index: number;
  hit: { seed: number; found: string } | undefined;
}

async function runAttack(index: number): Promise<AttackResult['hit']> {
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

/** Runs this program in a second process and gets what it tells. */
function inProcess<T>(args: readonly (string | number)[], tell: (result: T) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(__filename, args.map(String));
    child.on('message', (result) => tell(result as T));
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a simulator process ended with ${code}`))));
  });
}

/** What a process does that `inProcess` started. */
async function work([what, ...args]: string[]): Promise<void> {
  const tell = (result: SeedResult | AttackResult): void => { process.send?.(result); };
  const [first, last] = args.map(Number) as [number, number];
  if (what === 'seeds') return runSeeds(first, last, PROCESSES, tell);
  for (let index = first; index < ATTACKS.length; index += PROCESSES) tell({ index, hit: await runAttack(index) });
}

async function main(): Promise<void> {
  if (process.send !== undefined) return work(process.argv.slice(2));
  const { values } = parseArgs({ options: { seeds: { type: 'string', default: '1000' }, from: { type: 'string', default: '1' }, seed: { type: 'string' }, attacks: { type: 'boolean', default: false }, attack: { type: 'string' } } });
  let passed = 0;
  let failed = 0;
  const count = (ok: boolean): void => {
    if (ok) passed += 1;
    else failed += 1;
  };
  const processes = Array.from({ length: PROCESSES }, (_, index) => index);
  if (values.seed !== undefined) {
    count(await replay(Number(values.seed), values.attack === undefined ? undefined : Number(values.attack) - 1));
  } else {
    if (!values.attacks) {
      const started = performance.now();
      const first = Number(values.from);
      const last = first + Number(values.seeds) - 1;
      console.log(`seeds ${first} to ${last}`);
      const failures: number[] = [];
      await Promise.all(processes.map((index) => inProcess<SeedResult>(['seeds', first + index, last], ({ seed, found }) => {
        count(found.length === 0);
        if (found.length === 0) return;
        failures.push(seed);
        console.log(`seed ${seed} FAILED\n  ${found.slice(0, 5).join('\n  ')}`);
      })));
      console.log(`${passed} of ${passed + failed} seeds hold I1-I6 (${Math.round((performance.now() - started) / 1000)} s)`);
      const [example] = failures.sort((a, b) => a - b);
      if (example !== undefined) await replay(example, undefined);
    }
    const hits = new Map<number, AttackResult['hit']>();
    await Promise.all(processes.map((index) => inProcess<AttackResult>(['attacks', index, 0], (result) => hits.set(result.index, result.hit))));
    for (const [index, attack] of ATTACKS.entries()) {
      const hit = hits.get(index);
      console.log(`attack ${String(index + 1).padStart(2)} ${attack.name} × ${hit === undefined ? 'NOT FOUND' : `found by seed ${hit.seed}: ${hit.found}`}`);
      count(hit !== undefined);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

void main();
