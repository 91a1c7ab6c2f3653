// The version before and this one, one after the other and side by side, and back again, while real clients talk; judged like the faults.
//   node run.mjs [--target embedded|stack] [--from TAG-OR-COMMIT] [--seed N] [--people 4]
import { parseArgs } from 'node:util';
import { Timeline } from '../chaos/timeline.mjs';
import { isIsolated, reenterIsolated } from '../conformance/netns.mjs';
import { pythonWith } from '../conformance/python.mjs';
import { fetchEngines } from '../../tools/engines/fetch.mjs';
import { upgradeEmbedded } from './embedded.mjs';
import { buildPrevious, findPrevious } from './previous.mjs';
import { upgradeStack } from './stack.mjs';

const { values: options } = parseArgs({
  options: { target: { type: 'string', default: 'stack' }, from: { type: 'string' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) }, people: { type: 'string', default: '3' }, watching: { type: 'string', default: 'teleproto' } },
});
const ways = { embedded: upgradeEmbedded, stack: upgradeStack };
const upgrade = ways[options.target];
if (upgrade === undefined) {
  console.error(`--target is one of ${Object.keys(ways).join(', ')}`);
  process.exit(2);
}
const log = (line) => console.error(`upgrade: ${line}`);
const watching = options.watching.split(',').filter(Boolean);
let previous;
try {
  previous = findPrevious(options.from);
  previous.folder = await buildPrevious(previous, log);
} catch (error) {
  console.error(`upgrade: ${error.message}`);
  process.exit(1);
}
if (!isIsolated()) {
  if (watching.includes('telethon')) pythonWith('telethon');
  if (options.target === 'stack') await fetchEngines();
  await reenterIsolated([], { mounts: true });
}
process.on('unhandledRejection', (error) => console.error(`unhandled: ${error?.stack?.split('\n').slice(0, 3).join(' ') ?? error}`));

const began = performance.now();
const timeline = new Timeline(() => performance.now() - began);
console.log(`seed ${options.seed}, target ${options.target}, from ${previous.name} (${previous.commit.slice(0, 12)}) to this one and back`);
const results = [];
try {
  await upgrade({ previous, seed: Number(options.seed), perDc: Number(options.people), watching, timeline, results });
} catch (error) {
  timeline.log(`the run ends early: ${error?.message}`);
  results.push({ title: 'the run', failures: [error?.stack ?? String(error)] });
}
console.log('');
for (const { title, failures } of results) {
  console.log(`${failures.length === 0 ? 'pass' : 'FAIL'}  ${title}`);
  for (const failure of failures.slice(0, 15)) console.log(`        ${failure}`);
}
const failed = results.filter(({ failures }) => failures.length > 0).length;
console.log(`\n${results.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
