// Faults while real clients talk: each is made, mended, its recovery timed, and everything that anybody was told compared with what is there.
//   node run.mjs [--target stack|embedded] [--seed N] [--faults F1,F8] [--list] [--short] [--people 4] [--trace FILE] [--logs DIR]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isIsolated, reenterIsolated } from '../conformance/netns.mjs';
import { pythonWith } from '../conformance/python.mjs';
import { fetchEngines } from '../../tools/engines/fetch.mjs';
import { FAULTS } from './faults/all.mjs';
import { fetchHostTools } from './host-tools.mjs';
import { runAll } from './runner.mjs';

const { values: options } = parseArgs({
  options: {
    target: { type: 'string', default: 'stack' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) }, only: { type: 'string' }, faults: { type: 'string' }, list: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false }, people: { type: 'string', default: '4' }, watching: { type: 'string', default: 'teleproto,telethon' }, trace: { type: 'string' }, logs: { type: 'string' },
  },
});
const wanted = (options.faults ?? options.only)?.split(',').map((name) => name.trim().toUpperCase());
const faults = FAULTS.filter((fault) => fault.targets.includes(options.target) && (wanted === undefined || wanted.includes(fault.id)) && (wanted !== undefined || !options.short || fault.short.includes(options.target)));

if (options.list) {
  for (const fault of FAULTS) console.log(`${fault.id.padEnd(4)} ${fault.title}  (${fault.targets.join(', ')}${fault.short.length > 0 ? `; short tier: ${fault.short.join(', ')}` : ''})`);
  process.exit(0);
}
if (faults.length === 0) {
  console.error(`no fault of ${options.faults ?? options.only ?? 'the list'} can be made on the target ${options.target}; --list shows all`);
  process.exit(2);
}
const watching = options.watching.split(',').filter(Boolean);
if (!isIsolated()) {
  if (watching.includes('telethon')) pythonWith('telethon');
  if (options.target === 'stack') await fetchEngines();
  await fetchHostTools(faults.flatMap((fault) => fault.needs ?? []));
  await reenterIsolated([], { mounts: true });
}

// Libraries leave rejections behind when their connection goes away under them; ours end the run by their own way.
process.on('unhandledRejection', (error) => console.error(`unhandled: ${error?.stack?.split('\n').slice(0, 3).join(' ') ?? error}`));
console.log(`seed ${options.seed}, target ${options.target}, faults ${faults.map((fault) => fault.id).join(' ')}`);
const { passed, failed, events } = await runAll({ target: options.target, faults, seed: Number(options.seed), perDc: Number(options.people), watching, short: options.short, logs: options.logs });
if (options.trace) writeFileSync(options.trace, events.map((event) => JSON.stringify(event)).join('\n'));
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
