// W12: two data centers, 80 ms between them (40 each way): what a send within one costs, with and without that distance.
import { openLinks } from '../../tools/stack/links.mjs';
import { introduce, query, signUp } from './people.mjs';
import { inParallel, percentile, round, sleep, startSystem } from './system.mjs';

const PAIRS = 40;
const DELAY_MS = 40;

export async function run({ rounds = 4, seconds = 10, rate = 50 } = {}) {
  const { links, set, clear, close } = await openLinks();
  const { system, document, stop } = await startSystem({ links });
  const near = document.dcs.find(({ id }) => id === 2);
  const far = document.dcs.find(({ id }) => id === 1);
  const arrivals = new Map();
  const onMessage = (_person, body) => {
    for (const [, id] of body.toString('latin1').matchAll(/#(\d+)#/g)) arrivals.get(id)?.();
  };
  const people = await signUp(near, PAIRS * 2, { onMessage });
  const strangers = await signUp(far, PAIRS, { onMessage, offset: 5000 });
  const peers = [];
  const farPeers = [];
  await inParallel(people.length, 16, async (index) => { peers[index] = await introduce(people[index], people[index ^ 1]); });
  await inParallel(PAIRS, 16, async (index) => {
    farPeers[index] = await introduce(people[index], strangers[index]);
    await introduce(strangers[index], people[index]);
  });
  let serial = 0;
  let errors = 0;
  const send = async (person, peer, figures) => {
    const id = String((serial += 1));
    const started = performance.now();
    const arrived = new Promise((done) => { arrivals.set(id, done); });
    const text = `#${id}# from one data center`;
    try {
      await person.client.call(query({ _: 'messages.sendMessage', peer, message: text, random_id: BigInt(serial) * 7919n }));
      figures.ack.push(performance.now() - started);
      await Promise.race([arrived, sleep(10_000).then(() => { throw new Error('not delivered'); })]);
      figures.deliver.push(performance.now() - started);
    } catch (error) {
      errors += 1;
      if (errors < 4) console.error(`send failed: ${error.message}`);
    } finally {
      arrivals.delete(id);
    }
  };
  const openLoop = async (each) => {
    const started = performance.now();
    const under = [];
    for (let count = 0; count < rate * seconds;) {
      const due = Math.min(rate * seconds, Math.floor(((performance.now() - started) / 1000) * rate));
      for (; count < due; count += 1) under.push(each(count));
      await sleep(1);
    }
    await Promise.all(under);
  };
  const empty = () => ({ ack: [], deliver: [], cpu: 0 });
  const local = { without: empty(), with: empty() };
  const across = { without: empty(), with: empty() };
  await openLoop((count) => send(people[count % people.length], peers[count % people.length], empty()));
  // In turns, so that a slower minute of the machine slows both alike.
  for (let turn = 0; turn < rounds * 2; turn += 1) {
    const distance = turn % 2 === 0 ? 'without' : 'with';
    if (distance === 'with') set({ delayMs: DELAY_MS });
    else clear();
    await sleep(1000);
    const before = system.cpuSeconds();
    await openLoop((count) => send(people[count % people.length], peers[count % people.length], local[distance]));
    local[distance].cpu += system.cpuSeconds() - before;
    for (let index = 0; index < PAIRS; index += 1) await send(people[index], farPeers[index], across[distance]);
  }
  clear();
  for (const person of [...people, ...strangers]) person.client.close();
  await stop();
  await close();
  const p50 = (figures, what) => percentile(figures[what], 0.5);
  const cpu = (figures) => (figures.cpu * 1000) / figures.deliver.length;
  const ack = p50(local.with, 'ack') / p50(local.without, 'ack');
  const cost = cpu(local.with) / cpu(local.without);
  const describe = (figures) => `ack p50 ${round(p50(figures, 'ack'))} p99 ${round(percentile(figures.ack, 0.99))} ms, deliver p50 ${round(p50(figures, 'deliver'))} ms`;
  return [
    { workload: 'W12 within a DC', figure: 'CPU ms per message, 80 ms away', value: round(cpu(local.with), 2), more: describe(local.with) },
    { workload: 'W12 within a DC', figure: 'CPU ms per message, side by side', value: round(cpu(local.without), 2), more: describe(local.without) },
    { workload: 'W12 within a DC', figure: 'ack p50, 80 ms away : side by side', value: round(ack, 2), bar: '<= 1.25', ok: ack <= 1.25 && errors === 0, more: `${errors} errors` },
    { workload: 'W12 within a DC', figure: 'CPU per message, 80 ms away : side by side', value: round(cost, 2), bar: '<= 1.15', ok: cost <= 1.15 },
    { workload: 'W12 across', figure: 'ack p50 ms, 80 ms away', value: round(p50(across.with, 'ack')), more: `deliver p50 ${round(p50(across.with, 'deliver'))} ms; side by side ack ${round(p50(across.without, 'ack'))}, deliver ${round(p50(across.without, 'deliver'))} ms` },
  ];
}
