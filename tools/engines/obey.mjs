// Engines for a program that is no ES module, or that must not own them: node tools/engines/obey.mjs '{"folder": …}' (options of startEngines).
// Says `ready {addresses by name}`, then obeys lines: `kill|term|pause|resume|restart NAME`, each answered by `done` or `failed …`.
// They end when its input does.
import { createInterface } from 'node:readline';
import { startEngines } from './engines.mjs';

const ORDERS = ['kill', 'term', 'pause', 'resume', 'restart'];

const { remove = false, ...options } = JSON.parse(process.argv[2] ?? '{}');
const engines = await startEngines(options);
console.log(`ready ${JSON.stringify(Object.fromEntries(engines.engines.map(({ name, address }) => [name, address])))}`);
for await (const line of createInterface({ input: process.stdin })) {
  const [order, name] = line.trim().split(/\s+/);
  try {
    if (!ORDERS.includes(order)) throw new Error(`"${line}" is none of ${ORDERS.join(', ')}`);
    await engines[order](name);
    console.log('done');
  } catch (error) {
    console.log(`failed ${error.message.replaceAll('\n', ' ')}`);
  }
}
await engines.stop({ graceMs: 0, remove });
