// W2: new auth keys and reconnects per CPU-second; how long others wait while keys are made in a flood.
import { ask, connectTo, signUp } from './people.mjs';
import { cpuSeconds, percentile, round, sleep, startSystem } from './system.mjs';

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

  const closedLoop = async (width, task) => {
    let done = 0;
    let refused = 0;
    const cpu = cpuSeconds(system.pid);
    const until = Date.now() + seconds * 1000;
    let next = 0;
    await Promise.all(Array.from({ length: width }, async () => {
      while (Date.now() < until) {
        try {
          await task(next++);
          done += 1;
        } catch {
          refused += 1;
          await sleep(20);
        }
      }
    }));
    return { done, refused, cpu: cpuSeconds(system.pid) - cpu };
  };

  await closedLoop(4, async (index) => (await connectTo(dc, index)).close());
  waits.length = 0;
  const keys = await closedLoop(8, async (index) => (await connectTo(dc, index)).close());
  const flood = percentile(waits, 0.99);
  waits.length = 0;
  const again = await closedLoop(16, async (index) => {
    const client = await connectTo(dc, index, { key: person.client.key });
    await client.ping();
    client.close();
  });
  watching = false;
  await watch;
  await ask(watcher.client, { _: 'updates.getState' });
  await stop();
  const perKey = keys.done / keys.cpu;
  const perReconnect = again.done / again.cpu;
  return [
    { workload: 'W2', figure: 'new keys per CPU-second', value: round(perKey), bar: '>= 300', ok: perKey >= 300, more: `${keys.done} made, ${keys.refused} refused by budgets` },
    { workload: 'W2', figure: 'reconnects per CPU-second', value: round(perReconnect), bar: '>= 5000', ok: perReconnect >= 5000, more: `${again.done} made, ${again.refused} refused` },
    { workload: 'W2', figure: 'ping of another connection during the flood, p99 ms', value: round(flood), bar: '<= 20', ok: flood <= 20, more: 'the wait for the event loop and for the loader itself' },
  ];
}
