// The version before and this one, one after the other and side by side, and back again, while real clients talk; judged like the faults.
//   node run.mjs [--target stack,embedded] [--short] [--from TAG-OR-COMMIT] [--seed N] [--people 3]
import { parseArgs } from 'node:util';
import { Timeline } from '../chaos/timeline.mjs';
import { isIsolated, reenterIsolated } from '../conformance/netns.mjs';
import { pythonWith } from '../conformance/python.mjs';
import { fetchEngines } from '../../tools/engines/fetch.mjs';
import { upgradeEmbedded } from './embedded.mjs';
import { buildPrevious, findPrevious } from './previous.mjs';
import { upgradeStack } from './stack.mjs';

const { values: options } = parseArgs({
  options: { target: { type: 'string', default: 'embedded,stack' }, short: { type: 'boolean', default: false }, from: { type: 'string' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) }, people: { type: 'string', default: '3' }, watching: { type: 'string', default: 'teleproto' } },
});
const ways = { embedded: upgradeEmbedded, stack: upgradeStack };
const targets = options.target.split(',').map((name) => name.trim());
const unknown = targets.find((name) => ways[name] === undefined);
if (unknown !== undefined) {
  console.error(`--target is a list of ${Object.keys(ways).join(' and ')}, not "${unknown}"`);
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
  if (targets.includes('stack')) await fetchEngines();
  await reenterIsolated([], { mounts: true });
}
process.on('unhandledRejection', (error) => console.error(`unhandled: ${error?.stack?.split('\n').slice(0, 3).join(' ') ?? error}`));

const began = performance.now();
const timeline = new Timeline(() => performance.now() - began);
console.log(`seed ${options.seed}, from ${previous.name} (${previous.commit.slice(0, 12)}; ${previous.why}) to this one and back, on ${targets.join(' and ')}`);
const results = [];
for (const target of targets) {
  timeline.log(`══ ${target}`);
  const own = [];
  try {
    await ways[target]({ previous, seed: Number(options.seed), perDc: Number(options.people), watching, short: options.short, timeline, results: own });
  } catch (error) {
    timeline.log(`the run ends early: ${error?.message}`);
    own.push({ title: 'the run', failures: [error?.stack ?? String(error)] });
  }
  results.push(...own.map(({ title, failures }) => ({ title: `${target}: ${title}`, failures })));
}
console.log('');
for (const { title, failures } of results) {
  console.log(`${failures.length === 0 ? 'pass' : 'FAIL'}  ${title}`);
  for (const failure of failures.slice(0, 15)) console.log(`        ${failure}`);
}
const failed = results.filter(({ failures }) => failures.length > 0).length;
console.log(`\n${results.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
