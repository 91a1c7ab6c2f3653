// W11: 5,000 people online, in supergroups of 50 and one of all; 170 messages/s. Twenty of them are full clients: everything that was said in their groups must
// reach them, once, as pushes without a gap in the channel's pts, and soon.
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadFolder } from './loaded.mjs';
import { ask, connectTo, query, signUp } from './people.mjs';
import { inParallel, percentile, round, sleep, startSystem } from './system.mjs';

const require = createRequire(import.meta.url);
const { readObject } = require('../../libs/tl/dist/reader.js');

const SAMPLED = 20;
const GROUP_OF = 50;
/** One message in so many goes to everybody: at 170/s two in a second, 10,000 deliveries; the others are 8,400. */
const TO_ALL_EVERY = 85;
const MEAN_MS = 200;
const MAX_MS = 3_600;
/** Until what began has come to everybody. */
const SETTLE_MS = 3_000;

export async function run({ people: count = 5000, rate = 170, seconds = 30 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-w11-'));
  const first = await startSystem({ folder });
  const people = await signUp(first.dc, count);
  const [owner] = people;
  const make = async (title, members) => {
    const [{ id, access_hash }] = (await ask(owner.client, { _: 'channels.createChannel', title, about: '', megagroup: true })).chats;
    return { id, access_hash, box: -1_000_000_000_000 - id, members };
  };
  const all = await make('All', people);
  const small = [];
  for (let start = 0; start < count; start += GROUP_OF) small.push(await make(`Group ${start / GROUP_OF}`, people.slice(start, start + GROUP_OF)));
  for (const person of people) person.client.close();
  await first.stop();
  await loadFolder('channel-loader.cjs', folder, [all, ...small].map(({ box, members }) => `${box}:${owner.id}:=${members.filter((person) => person !== owner).map(({ id }) => id).join()}`));

  const { system, dc, stop } = await startSystem({ folder });
  const sent = new Map();
  const latencies = [];
  let doubled = 0;
  let gaps = 0;
  const take = (person, body) => {
    const now = performance.now();
    let updates;
    try {
      ({ updates = [] } = readObject(body, 'Updates'));
    } catch {
      return;
    }
    for (const update of updates) {
      if (update._ !== 'updateNewChannelMessage') continue;
      const channel = update.message.peer_id.channel_id;
      const before = person.pts.get(channel);
      if (before !== undefined && update.pts - update.pts_count !== before) gaps += 1;
      person.pts.set(channel, update.pts);
      const said = sent.get(/^#(\d+)#/.exec(update.message.message ?? '')?.[1]);
      if (said === undefined) continue;
      if (said.missing.delete(person.index)) latencies.push(now - said.at);
      else doubled += 1;
    }
  };
  // Spread over the groups.
  const sampled = new Set(Array.from({ length: Math.min(SAMPLED, count) }, (_, index) => people[Math.floor(((index + 0.5) * count) / SAMPLED) % count]));
  await inParallel(count, 32, async (index) => {
    const person = people[index];
    person.pts = new Map();
    person.client = await connectTo(dc, person.index, { key: person.client.key, onMessage: sampled.has(person) ? (body) => take(person, body) : undefined });
    await ask(person.client, { _: 'updates.getState' }, true);
  });
  // How each sender names its groups; the owner has more than one page of dialogs tells.
  const hashes = new Map([all, ...small].map(({ id, access_hash }) => [`${owner.index}/${id}`, access_hash]));
  const peerOf = async (person, group) => {
    const key = `${person.index}/${group.id}`;
    if (!hashes.has(key)) {
      const { chats } = await ask(person.client, { _: 'messages.getDialogs', offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 20, hash: 0n });
      for (const chat of chats) hashes.set(`${person.index}/${chat.id}`, chat.access_hash);
    }
    return { _: 'inputPeerChannel', channel_id: group.id, access_hash: hashes.get(key) };
  };
  await inParallel(small.length, 16, (index) => Promise.all(small[index].members.slice(0, 5).map((person) => peerOf(person, small[index]))));

  let serial = 0;
  let errors = 0;
  const send = async () => {
    const number = (serial += 1);
    const group = number % TO_ALL_EVERY === 0 ? all : small[Math.floor(Math.random() * small.length)];
    const home = group === all ? small[Math.floor(Math.random() * small.length)] : group;
    const from = home.members[Math.floor(Math.random() * Math.min(5, home.members.length))];
    const peer = await peerOf(from, group);
    const id = String(number);
    sent.set(id, { at: performance.now(), missing: new Set(group.members.filter((person) => sampled.has(person) && person !== from).map(({ index }) => index)) });
    try {
      await from.client.call(query({ _: 'messages.sendMessage', peer, message: `#${id}# to all of you`, random_id: BigInt.asIntN(64, BigInt(number) * 0x9e3779b97f4a7c15n) }));
      // What he said himself came with the answer: his own pts moved by it.
      if (sampled.has(from)) from.pts.delete(group.id);
    } catch (error) {
      sent.delete(id);
      errors += 1;
      if (errors < 4) console.error(`send failed: ${error.message}`);
    }
  };
  await sleep(SETTLE_MS);
  const begun = system.cpuSeconds();
  const started = performance.now();
  const waiting = new Set();
  let deliveries = 0;
  for (let messages = 0; messages < rate * seconds;) {
    for (const due = Math.min(rate * seconds, Math.floor(((performance.now() - started) / 1000) * rate)); messages < due; messages += 1) {
      const call = send().finally(() => waiting.delete(call));
      waiting.add(call);
      deliveries += ((messages + 1) % TO_ALL_EVERY === 0 ? count : GROUP_OF) - 1;
    }
    await sleep(1);
  }
  await Promise.all(waiting);
  await sleep(SETTLE_MS);
  const cpu = system.cpuSeconds() - begun;
  let missing = 0;
  for (const said of sent.values()) missing += said.missing.size;
  for (const person of people) person.client.close();
  await stop();
  rmSync(folder, { recursive: true, force: true });
  const mean = latencies.reduce((sum, each) => sum + each, 0) / latencies.length;
  const longest = latencies.reduce((most, each) => Math.max(most, each), 0);
  const complete = (latencies.length / (latencies.length + missing)) * 100;
  return [
    { workload: `W11 ${count} online, ${rate}/s`, figure: 'complete at the sampled clients, %', value: round(complete, 3), bar: '100', ok: missing === 0 && doubled === 0 && gaps === 0 && errors === 0 && latencies.length > 0, more: `${latencies.length} at ${sampled.size} clients, ${doubled} doubled, ${gaps} gaps, ${errors} errors` },
    { workload: 'W11', figure: 'mean latency, ms', value: round(mean), bar: `<= ${MEAN_MS}`, ok: mean <= MEAN_MS, more: `p99 ${round(percentile(latencies, 0.99))} ms; ${round(deliveries / cpu)} deliveries per CPU-second` },
    { workload: 'W11', figure: 'longest, ms', value: round(longest), bar: `<= ${MAX_MS}`, ok: longest <= MAX_MS },
  ];
}
