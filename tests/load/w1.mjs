// W1: KiB of server memory per idle logged-in connection.
import { ask, connectTo, signUp } from './people.mjs';
import { inParallel, round, sleep, startSystem } from './system.mjs';

/** Accounts; each has as many sessions as the number of connections asks for. */
const PEOPLE = 2000;

export async function run({ sizes = [1000, 5000, 15_000] } = {}) {
  const { system, dc, stop } = await startSystem();
  const people = await signUp(dc, Math.min(PEOPLE, sizes.at(-1)));
  const keys = people.map((person) => person.client.key);
  for (const person of people) person.client.close();
  // A fresh heap: what signing up left behind would hide what connections take.
  await system.kill();
  await system.restart();
  const clients = [];
  const points = [];
  // The first hundred warm the code.
  for (const size of [100, ...sizes]) {
    const from = clients.length;
    await inParallel(size - from, 64, async (position) => {
      const index = from + position;
      const client = await connectTo(dc, index, { key: keys[index % keys.length] });
      clients.push(client);
      await ask(client, { _: 'updates.getState' }, true);
    });
    await sleep(12_000);
    points.push({ size, kib: system.residentKib() });
  }
  const rows = points.slice(1).map((point, index) => ({
    workload: `W1 ${point.size} idle connections`, figure: 'KiB each', value: round((point.kib - points[0].kib) / (point.size - points[0].size), 2), more: `marginal ${round((point.kib - points[index].kib) / (point.size - points[index].size), 2)}; server ${round(point.kib / 1024)} MiB`,
  }));
  for (const client of clients) client.close();
  await stop();
  const last = points.at(-1);
  const slope = (last.kib - points[0].kib) / (last.size - points[0].size);
  return [...rows, { workload: 'W1', figure: 'KiB per connection (slope)', value: round(slope, 2), bar: '<= 10', ok: slope <= 10 }];
}
