// W2: new auth keys and reconnects per CPU-second; how long others wait while keys are made in a flood.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ask, signUp } from './people.mjs';
import { percentile, round, sleep, startSystem } from './system.mjs';

export async function run({ seconds = 10 } = {}) {
  const { system, dc, stop } = await startSystem();
  const [watcher, person] = await signUp(dc, 2);
  const waits = [];
  let watching = true;
  const watch = (async () => {
    while (watching) {
      const started = performance.now();
      await watcher.client.ping();
      waits.push(performance.now() - started);
      await sleep(5);
    }
  })();

  const flood = async (width, key, length = seconds) => {
    const cpu = system.cpuSeconds();
    const worker = new Worker(new URL('./w2-flood.mjs', import.meta.url), { workerData: { dc, seconds: length, width, key } });
    const [counts] = await once(worker, 'message');
    return { ...counts, cpu: system.cpuSeconds() - cpu };
  };

  // Until the compilers of both sides have settled: in the first thousand keys they take a fifth of the server's time.
  await flood(16, undefined);
  waits.length = 0;
  const keys = await flood(16, undefined);
  const wait = percentile(waits, 0.99);
  const again = await flood(16, person.client.key);
  watching = false;
  await watch;
  await ask(watcher.client, { _: 'updates.getState' });
  await stop();
  const perKey = keys.done / keys.cpu;
  const perReconnect = again.done / again.cpu;
  return [
    { workload: 'W2', figure: 'new keys per CPU-second', value: round(perKey), bar: '>= 300', ok: perKey >= 300, more: `${keys.done} made, ${keys.refused} refused by budgets` },
    { workload: 'W2', figure: 'reconnects per CPU-second', value: round(perReconnect), bar: '>= 5000', ok: perReconnect >= 5000, more: `${again.done} made, ${again.refused} refused` },
    { workload: 'W2', figure: 'ping of another connection during the flood, p99 ms', value: round(wait), bar: '<= 20', ok: wait <= 20, more: 'the wait for the event loop and for the loader itself' },
  ];
}
