// Real clients talk while the process is killed with SIGKILL at random moments and started again; then everything that any of them
// was told is compared with what is stored (invariants I1–I6).
//   node run.mjs [--kills 50] [--clients mtcute,telethon] [--seed N]
import { parseArgs } from 'node:util';
import { CLIENTS, Driver } from '../conformance/driver.mjs';
import { incoming } from '../conformance/features/expect.mjs';
import { isIsolated, reenterIsolated } from '../conformance/netns.mjs';
import { pythonWith } from '../conformance/python.mjs';
import { startStandalone } from '../../libs/testing/dist/standalone.js';
import { judge } from './judge.mjs';

const { values: options } = parseArgs({ options: { kills: { type: 'string', default: '50' }, clients: { type: 'string', default: 'mtcute,teleproto,telethon' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) } } });
const libraries = options.clients.split(',');
const kills = Number(options.kills);

if (!isIsolated()) {
  if (libraries.includes('telethon')) pythonWith('telethon');
  await reenterIsolated();
}

/** mulberry32: the same seed kills at the same moments. */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = randomFrom(Number(options.seed));
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const CALL_TIMEOUT_MS = 60_000;

console.log(`seed ${options.seed}, ${kills} kills, clients ${libraries.join(', ')}`);
const system = await startStandalone({ port: 4430, httpPort: 8080 });
const document = await (await fetch(system.url)).json();
const dc = document.dcs.find((candidate) => candidate.id === 2) ?? document.dcs[0];
const code = String(dc.id).repeat(5);

const people = [];
for (const [index, library] of libraries.flatMap((name) => [name, name]).entries()) {
  const client = new Driver(library, `${library}#${index}`);
  await client.op('connect', { dc });
  const phone = `99966${dc.id}${String(1000 + index)}`;
  const { id } = await client.op('start', { phone, code, firstName: `Person ${index}` });
  people.push({ index, library, client, id, phone });
}
for (const person of people) {
  for (const other of people) {
    if (other !== person) await person.client.op('importContact', { phone: other.phone, firstName: `Person ${other.index}` });
  }
}

/** Everything that was asked, and what was answered. */
const asked = [];
let stopping = false;
async function talk(person) {
  let serial = 0;
  while (!stopping) {
    const other = people.filter((candidate) => candidate !== person)[Math.floor(random() * (people.length - 1))];
    const entry = { from: person.id, to: other.id, text: `${person.index}→${other.index} #${serial += 1}`, state: 'asked' };
    asked.push(entry);
    try {
      const sent = await person.client.op('send', { peer: other.id, text: entry.text }, CALL_TIMEOUT_MS);
      entry.state = 'acknowledged';
      entry.id = sent.id;
      if (random() < 0.15) {
        entry.edit = `${entry.text} (edited)`;
        await person.client.op('edit', { peer: other.id, id: sent.id, text: entry.edit }, CALL_TIMEOUT_MS);
        entry.edited = true;
      } else if (random() < 0.1) {
        entry.deleting = true;
        await person.client.op('remove', { peer: other.id, ids: [sent.id], revoke: true }, CALL_TIMEOUT_MS);
        entry.deleted = true;
      }
    } catch (error) {
      // Unknown, never failed: what it did is read from the histories.
      entry.error = String(error.message).slice(0, 200);
    }
    await sleep(20 + random() * 60);
  }
}
const talking = people.map(talk);

for (let kill = 1; kill <= kills; kill += 1) {
  await sleep(300 + random() * 1200);
  await system.kill();
  await system.restart();
  if (kill % 10 === 0) console.log(`killed ${kill} times; ${asked.filter((entry) => entry.state === 'acknowledged').length} messages acknowledged, ${asked.filter((entry) => entry.error).length} calls unknown`);
}
stopping = true;
await Promise.all(talking);
await sleep(3000);

/** The whole dialog as one side has it, oldest first. */
async function wholeHistory(person, other) {
  const messages = [];
  for (let offsetId = 0; ;) {
    const page = await person.client.op('history', { peer: other.id, limit: 100, offsetId }, CALL_TIMEOUT_MS);
    messages.push(...page);
    if (page.length < 100) break;
    offsetId = page.at(-1).id;
  }
  return messages.reverse().map(({ id, text, from }) => ({ id, text, from }));
}
const histories = [];
for (const person of people) {
  for (const other of people) if (other !== person) histories.push({ owner: person.id, peer: other.id, messages: await wholeHistory(person, other) });
}
const seen = people.map((person) => ({ owner: person.id, recovers: CLIENTS[person.library].recovers, updates: person.client.updates.map((update) => ({ ...update, incoming: incoming(update) })) }));

const findings = judge({ asked, histories, seen });
for (const finding of findings.slice(0, 40)) console.log(`${finding.invariant}: ${finding.text}`);
const acknowledged = asked.filter((entry) => entry.state === 'acknowledged').length;
console.log(`${kills} kills, ${asked.length} sends, ${acknowledged} acknowledged, ${asked.length - acknowledged} unknown, ${histories.reduce((sum, history) => sum + history.messages.length, 0)} messages read back`);

await Promise.all(people.map((person) => person.client.close()));
await system.stop();
const invariants = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6'];
const broken = new Set(findings.map((finding) => finding.invariant));
for (const invariant of invariants) console.log(`${invariant} ${broken.has(invariant) ? 'BROKEN' : 'holds'}`);
if (acknowledged < kills) {
  console.log(`only ${acknowledged} messages were acknowledged: the run proves nothing`);
  broken.add('load');
}
console.log(`\n${invariants.length + 1 - broken.size} passed, ${broken.size} failed`);
process.exit(broken.size ? 1 : 0);
