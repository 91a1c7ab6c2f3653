// The load programs: node run.mjs [--stack] [W1 W2 W3 W4 W5 W6 W7 W9 W10 W11 W12] [--short].
// --stack: on two data centers with real engines, one process per service (W3, W4, W6, W7, W12). Prints a table beside the bars.
// Figures are CPU-seconds of the server process per unit of work; times depend on the machine of the moment.
import { machine, useStack } from './system.mjs';

const SHORT = {
  W1: { sizes: [500, 2000, 4000] }, W2: { seconds: 4 }, W3: { seconds: 4, rates: [200] }, W4: { sizes: [200, 1000], seconds: 4, people: 50, rate: 10 }, W5: { groups: 100, people: 200, seconds: 8, subscribers: [10, 10_000] }, W6: { sizes: [1000, 20_000], rounds: 6 }, W7: { sizes: [100, 10_000] }, W9: { dialogs: [10, 1000], members: [200, 20_000], rounds: 3 }, W10: { connections: 2000 }, W11: { people: 500, seconds: 10 }, W12: { rounds: 1, seconds: 5 },
};
const ON_STACK = ['W3', 'W4', 'W6', 'W7', 'W12'];
const args = process.argv.slice(2);
const short = args.includes('--short');
const stack = args.includes('--stack');
if (stack) useStack();
const named = args.filter((arg) => /^W\d+$/.test(arg));
const unknown = args.filter((arg) => arg !== '--short' && arg !== '--stack' && !(arg in SHORT));
if (unknown.length > 0) {
  console.error(`unknown workload ${unknown.join(', ')}; there are ${Object.keys(SHORT).join(', ')}`);
  process.exit(2);
}
if (named.some((each) => (stack ? !ON_STACK.includes(each) : each === 'W12'))) {
  console.error(stack ? `on the stack there are ${ON_STACK.join(', ')}` : 'W12 needs --stack');
  process.exit(2);
}
console.log(machine());
const rows = [];
for (const workload of named.length > 0 ? named : stack ? ON_STACK : Object.keys(SHORT).filter((each) => each !== 'W12')) {
  try {
    const { run } = await import(`./${workload.toLowerCase()}.mjs`);
    const own = await run(short ? SHORT[workload] : {});
    rows.push(...own);
    for (const row of own) console.log(line(row));
  } catch (error) {
    console.error(error);
    if (stack) await (await import('./stack.mjs')).endStacks();
    rows.push({ workload, figure: 'failed', value: String(error.message).slice(0, 100), ok: false });
  }
}
function line({ workload, figure, value, bar = '', ok, more = '' }) {
  return `${workload.padEnd(26)}${figure.padEnd(52)}${String(value).padStart(10)}  ${bar.padEnd(10)}${ok === undefined ? '' : ok ? 'ok' : 'SHORT'}  ${more}`;
}
console.log(`\n${'workload'.padEnd(26)}${'figure'.padEnd(52)}${'value'.padStart(10)}  bar`);
for (const row of rows) console.log(line(row));
console.log(machine());
const judged = rows.filter((row) => row.ok !== undefined);
console.log(`\n${judged.filter((row) => row.ok).length} passed, ${judged.filter((row) => !row.ok).length} failed`);
process.exit(judged.some((row) => !row.ok) ? 1 : 0);
