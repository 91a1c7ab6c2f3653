// Real clients talk, in private and in a group of all of them, while the process is killed with SIGKILL at random moments and started again; then
// everything that any of them was told is compared with what is stored (invariants I1–I6, judged by libs/testing/src/checker.ts), and what the group's
// members hold of it with one another.
//   node run.mjs [--kills 50] [--clients mtcute,telethon] [--seed N]
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CLIENTS, Driver, followsOf } from '../conformance/driver.mjs';
import { isIsolated, reenterIsolated } from '../conformance/netns.mjs';
import { pythonWith } from '../conformance/python.mjs';
import { startStandalone } from '../../libs/testing/dist/standalone.js';
import checker from '../../libs/testing/dist/checker.js';
import testimony from '../../libs/testing/dist/testimony.js';

const { check } = checker;
const { historyOf, strangers } = testimony;
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
/** Longer than a library pauses when a server that it connects to is killed again and again (mtcute: up to 100 s); an answer after it would be nobody's. */
const CALL_TIMEOUT_MS = 240_000;

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

const [founder, ...others] = people;
const group = (await founder.client.op('createGroup', { title: 'All of us', users: others.map(({ id }) => id) })).id;

const [made] = await founder.client.op('history', { peer: group, limit: 1, offsetId: 0 });

/** Everything that was asked, answered and seen, for the judge. */
const events = [];
const began = performance.now();
const record = (event) => events.push({ at: Math.round(performance.now() - began), ...event });
const counts = { sends: 0, acknowledged: 0, unknown: 0 };
let calls = 0;
for (const person of people) {
  record({ what: 'session', session: person.client.name, box: person.id, follows: followsOf(CLIENTS[person.library]), once: CLIENTS[person.library].recovers });
  for (const update of person.client.updates) record({ what: 'update', session: person.client.name, update });
  person.client.onUpdate = (update) => record({ what: 'update', session: person.client.name, update });
}

// Who makes a group has it in the answer. Ids are the pts that they take.
record({ what: 'update', session: founder.client.name, update: { _: 'updateNewMessage', message: made.raw, pts: made.raw.id, pts_count: 1 } });

/** One call: unknown when it fails, never failed; what it did is read from the histories. */
async function ask(person, request, op, args) {
  const call = calls += 1;
  record({ what: 'asked', call, session: person.client.name, box: person.id, request });
  try {
    const result = await person.client.op(op, args, CALL_TIMEOUT_MS);
    record({ what: 'answered', call, answer: { id: result?.id, date: result?.date } });
    return result;
  } catch (error) {
    record({ what: 'unknown', call, error: String(error.message).slice(0, 200) });
    counts.unknown += 1;
    return undefined;
  }
}

/** What was said in the group. */
const groupKeys = [];
const everybody = { index: 'all', id: group };
async function say(person, other, key) {
  counts.sends += 1;
  if (other.id === group) groupKeys.push({ key, acknowledged: false });
  // The library chooses the random_id and repeats by itself; the key names the send as well.
  const sent = await ask(person, { op: 'send', peer: other.id, key, text: `${key}#0`, randomId: key }, 'send', { peer: other.id, text: `${key}#0` });
  if (sent) counts.acknowledged += 1;
  if (sent && other.id === group) groupKeys.find((each) => each.key === key).acknowledged = true;
  return sent;
}
let stopping = false;
async function talk(person) {
  let serial = 0;
  while (!stopping) {
    const other = random() < 0.2 ? everybody : people.filter((candidate) => candidate !== person)[Math.floor(random() * (people.length - 1))];
    const key = `${person.index}to${other.index}-${serial += 1}`;
    const sent = await say(person, other, key);
    if (sent) {
      if (random() < 0.15) await ask(person, { op: 'edit', peer: other.id, key, id: sent.id, text: `${key}#e1` }, 'edit', { peer: other.id, id: sent.id, text: `${key}#e1` });
      else if (other !== everybody && random() < 0.1) await ask(person, { op: 'delete', peer: other.id, keys: [key], ids: [sent.id], revoke: true }, 'remove', { peer: other.id, ids: [sent.id], revoke: true });
    }
    await sleep(20 + random() * 60);
  }
}
const talking = people.map(talk);

for (let kill = 1; kill <= kills; kill += 1) {
  await sleep(300 + random() * 1200);
  await system.kill();
  await system.restart();
  if (kill % 10 === 0) console.log(`killed ${kill} times; ${counts.acknowledged} messages acknowledged, ${counts.unknown} calls unknown`);
}
stopping = true;
await Promise.all(talking);
// A library that waits for a gap to show (Telethon) learns of what it missed last by what comes next.
for (const person of people) {
  for (const other of [...people, everybody]) if (other !== person) await say(person, other, `calm-${person.index}to${other.index}`);
}
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
  return messages.map(({ raw }) => raw);
}
const logins = [];
const heldOfGroup = [];
for (const person of people) {
  const { pts } = await person.client.call('updates.getState');
  const dialogs = (await person.client.op('dialogs', {}, CALL_TIMEOUT_MS)).filter(({ peer }) => peer === group || people.some(({ id }) => id === peer));
  const messages = [];
  for (const other of people) if (other !== person) messages.push(...await wholeHistory(person, other));
  const inGroup = await wholeHistory(person, everybody);
  messages.push(...inGroup);
  heldOfGroup.push({ person, texts: inGroup.map(({ message }) => message).filter((text) => text).reverse() });
  logins.push({ box: person.id, pts, dialogs, messages });
}
/** Every member holds the same messages in the same order, each acknowledged one once. */
function judgeGroup() {
  const found = [];
  const [first, ...rest] = heldOfGroup;
  for (const { person, texts } of rest) {
    const at = first.texts.findIndex((text, index) => texts[index] !== text);
    if (at >= 0 || texts.length !== first.texts.length) found.push(`I4 the group of ${person.client.name} has ${texts.length} messages and differs from that of ${first.person.client.name} (${first.texts.length}) at ${at}: ${texts[at]}, ${first.texts[at]}`);
  }
  for (const { key, acknowledged } of groupKeys) {
    const times = first.texts.filter((text) => text.split('#')[0] === key).length;
    if (times > 1 || (acknowledged && times === 0)) found.push(`I1 the group has ${key} ${times} times${acknowledged ? '' : ', and nobody was told that it was sent'}`);
  }
  return found;
}
const history = historyOf(events, logins);
const findings = [...check(history), ...strangers(history), ...judgeGroup()];
for (const finding of findings.slice(0, 40)) console.log(finding);
if (findings.length > 0) {
  const file = join(tmpdir(), `heliograph-crash-${options.seed}.json`);
  writeFileSync(file, JSON.stringify({ findings, events, logins }, (_key, value) => (typeof value === 'bigint' ? String(value) : value)));
  console.log(`all that was asked, answered and seen is in ${file}`);
}
console.log(`${groupKeys.length} messages to a group of ${people.length}, ${groupKeys.filter(({ acknowledged }) => acknowledged).length} acknowledged`);
console.log(`${kills} kills, ${counts.sends} sends, ${counts.acknowledged} acknowledged, ${counts.unknown} calls unknown, ${logins.reduce((sum, login) => sum + login.messages.length, 0)} messages read back`);

await Promise.all(people.map((person) => person.client.close()));
await system.stop();
const invariants = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6'];
const broken = new Set(findings.map((finding) => finding.slice(0, 2)));
for (const invariant of invariants) console.log(`${invariant} ${broken.has(invariant) ? 'BROKEN' : 'holds'}`);
if (counts.acknowledged < kills) {
  console.log(`only ${counts.acknowledged} messages were acknowledged: the run proves nothing`);
  broken.add('load');
}
console.log(`\n${invariants.length + 1 - broken.size} passed, ${broken.size} failed`);
process.exit(broken.size ? 1 : 0);
