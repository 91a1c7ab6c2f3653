import { World } from './world';

async function main(): Promise<void> {
  const seed = Number(process.argv[2] ?? 1);
  const count = Number(process.argv[3] ?? 1);
  for (let s = seed; s < seed + count; s += 1) {
    const world = new World(s, undefined, count === 1);
    const started = performance.now();
    const found = await world.run();
    if (count === 1) console.log(world.scheduler.timeline.join('\n'));
    console.log(`seed ${s} ${world.scenario.kind} dcs ${world.scenario.dcs} steps ${world.scheduler.steps} ${Math.round(performance.now() - started)} ms ${found.length === 0 ? 'ok' : found.join('\n  ')}`);
  }
}
void main();
