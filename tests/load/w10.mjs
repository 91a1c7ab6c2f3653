// W10: all clients dropped at once (the process is killed and started again): how long until 98 % are back, and whether an update was lost.
import { ask, connectTo, introduce, query, signUp } from './people.mjs';
import { inParallel, round, sleep, startSystem } from './system.mjs';

const PEOPLE = 1000;
const PAIRS_TALKING = 20;

export async function run({ connections = 10_000 } = {}) {
  const { system, dc, stop } = await startSystem();
  const people = await signUp(dc, Math.min(PEOPLE, connections));
  const peers = [];
  for (let index = 0; index < PAIRS_TALKING; index += 1) peers.push(await introduce(people[index * 2], people[index * 2 + 1]));
  const clients = people.map((person) => ({ key: person.client.key, client: person.client, index: person.index }));
  await inParallel(connections - clients.length, 64, async (position) => {
    const index = people.length + position;
    const { key } = people[index % people.length].client;
    const client = await connectTo(dc, index, { key });
    await ask(client, { _: 'updates.getState' }, true);
    clients.push({ key, client, index });
  });
  const states = await Promise.all(Array.from({ length: PAIRS_TALKING }, (_, index) => ask(people[index * 2 + 1].client, { _: 'updates.getState' })));
  const acknowledged = [];
  for (let index = 0; index < PAIRS_TALKING; index += 1) {
    const text = `before the drop ${index}`;
    await people[index * 2].client.call(query({ _: 'messages.sendMessage', peer: peers[index], message: text, random_id: BigInt(index + 1) }));
    acknowledged.push(text);
  }
  await system.kill();
  const restarted = system.restart();
  await restarted;
  const ready = performance.now();
  let back = 0;
  let backAt = 0;
  let peak = 0;
  const watch = setInterval(() => { peak = Math.max(peak, system.residentKib()); }, 200);
  await Promise.all(clients.map(async (entry) => {
    for (let attempt = 0; ; attempt += 1) {
      // As real clients do: each after a moment of its own, longer after every failure.
      await sleep(Math.random() * Math.min(1000 * 2 ** attempt, 8000));
      try {
        entry.client = await connectTo(dc, entry.index, { key: entry.key });
        await ask(entry.client, { _: 'updates.getState' }, true);
        break;
      } catch {
        entry.client?.close();
      }
      if (performance.now() - ready > 120_000) return;
    }
    back += 1;
    if (back === Math.ceil(clients.length * 0.98)) backAt = performance.now() - ready;
  }));
  clearInterval(watch);
  let lost = 0;
  for (let index = 0; index < PAIRS_TALKING; index += 1) {
    const { client } = clients[index * 2 + 1];
    const difference = await ask(client, { _: 'updates.getDifference', pts: states[index].pts, date: states[index].date, qts: 0 });
    if (!difference.new_messages?.some((message) => message.message === acknowledged[index])) lost += 1;
  }
  for (const entry of clients) entry.client?.close();
  await stop();
  return [
    { workload: `W10 ${connections} dropped`, figure: 'seconds until 98 % are back', value: round(backAt / 1000), bar: '<= 30', ok: backAt > 0 && backAt <= 30_000, more: `${back} of ${clients.length} back; peak ${round(peak / 1024)} MiB` },
    { workload: 'W10', figure: 'acknowledged messages lost', value: lost, bar: '0', ok: lost === 0 },
  ];
}
