// W5: 1,000 basic groups of 10 people, random senders, while every fifth client comes back anew each minute. Every message must reach
// everybody: pushed to those who are there, by the difference to those who were not. And what a post to a channel writes (w5-channels.mjs).
import { createRequire } from 'node:module';
import { ask, connectTo, query, signUp } from './people.mjs';
import { inParallel, percentile, round, sleep, startSystem } from './system.mjs';
import { channelPosts } from './w5-channels.mjs';

const require = createRequire(import.meta.url);
const { readResult } = require('../../libs/tl/dist/reader.js');

const MEMBERS = 10;
/** Share of the clients that drop their connection and come back, each minute. */
const RECONNECTS_PER_MINUTE = 0.2;
const P99_MS = 200;

export async function run({ groups = 1000, people: count = 1000, rate = 50, seconds = 30, subscribers } = {}) {
  const { system, dc, stop } = await startSystem();
  /** Messages on their way: by id, who has to get them. */
  const sent = new Map();
  const latencies = [];
  let pushed = 0;
  let errors = 0;
  const take = (person, text, how) => {
    for (const [, id] of text.matchAll(/#(\d+)#/g)) {
      const message = sent.get(id);
      if (!message?.missing.delete(person.index)) continue;
      if (how !== 'pushed') continue;
      pushed += 1;
      // Who was away meanwhile is told when back: that is no delivery time.
      if (person.since < message.at) latencies.push(performance.now() - message.at);
    }
  };
  const people = await signUp(dc, count, { onMessage: (person, body) => take(person, body.toString('latin1'), 'pushed') });
  const chats = new Array(groups);
  await inParallel(groups, 16, async (index) => {
    const members = Array.from({ length: MEMBERS }, (_, place) => people[(index + place * Math.max(1, Math.floor(count / MEMBERS) - 1)) % count]);
    const [creator, ...others] = members;
    const { users } = await ask(creator.client, {
      _: 'contacts.importContacts', contacts: others.map(({ phone, index: number }, place) => ({ _: 'inputPhoneContact', client_id: BigInt(place), phone, first_name: `Load ${number}`, last_name: '' })),
    });
    const inputs = others.map(({ id }) => ({ _: 'inputUser', user_id: id, access_hash: users.find((user) => user.id === id).access_hash }));
    const made = await ask(creator.client, { _: 'messages.createChat', title: `Group ${index}`, users: inputs });
    chats[index] = { peer: { _: 'inputPeerChat', chat_id: made.updates.chats[0].id }, members };
  });
  await sleep(3000);
  for (const person of people) {
    person.since = 0;
    person.state = await ask(person.client, { _: 'updates.getState' });
  }

  let serial = 0;
  const send = async () => {
    const chat = chats[Math.floor(Math.random() * groups)];
    const here = chat.members.filter((member) => !member.away);
    const from = here[Math.floor(Math.random() * here.length)];
    if (from === undefined) return;
    const id = String((serial += 1));
    sent.set(id, { at: performance.now(), missing: new Set(chat.members.filter((member) => member !== from).map((member) => member.index)) });
    const request = query({ _: 'messages.sendMessage', peer: chat.peer, message: `#${id}# to all of you`, random_id: BigInt.asIntN(64, BigInt(serial) * 0x9e3779b97f4a7c15n) });
    try {
      await from.client.call(request);
    } catch (error) {
      // Its connection went: whether it was sent is not known, and nobody repeats it here.
      sent.delete(id);
      if (from.away || from.since > 0) return;
      errors += 1;
      if (errors < 4) console.error(`send failed: ${error.message}`);
    }
  };
  const catchUp = async (person) => {
    for (;;) {
      const { pts, date, qts } = person.state;
      const difference = readResult('updates.getDifference', await person.client.call(query({ _: 'updates.getDifference', pts, date, qts })));
      for (const message of difference.new_messages ?? []) take(person, message.message ?? '', 'difference');
      person.state = difference.state ?? difference.intermediate_state ?? person.state;
      if (!difference.intermediate_state) return;
    }
  };
  let reconnects = 0;
  const reconnect = async () => {
    const person = people[Math.floor(Math.random() * count)];
    if (person.away) return;
    person.away = true;
    const { key } = person.client;
    person.client.close();
    await sleep(Math.random() * 500);
    person.client = await connectTo(dc, person.index, { key, onMessage: (body) => take(person, body.toString('latin1'), 'pushed') });
    await ask(person.client, { _: 'updates.getState' }, true);
    person.since = performance.now();
    await catchUp(person);
    person.away = false;
    reconnects += 1;
  };

  const begun = system.cpuSeconds();
  const started = performance.now();
  const waiting = new Set();
  const track = (task) => {
    const call = task().finally(() => waiting.delete(call));
    waiting.add(call);
  };
  let away = 0;
  for (let messages = 0; messages < rate * seconds;) {
    const elapsed = (performance.now() - started) / 1000;
    for (const due = Math.min(rate * seconds, Math.floor(elapsed * rate)); messages < due; messages += 1) track(send);
    for (const due = Math.floor((elapsed / 60) * RECONNECTS_PER_MINUTE * count); away < due; away += 1) track(reconnect);
    await sleep(1);
  }
  await Promise.all(waiting);
  await sleep(2000);
  const cpu = system.cpuSeconds() - begun;
  await inParallel(count, 16, (index) => catchUp(people[index]));
  let lost = 0;
  for (const { missing } of sent.values()) lost += missing.size;
  const p99 = percentile(latencies, 0.99);
  for (const person of people) person.client.close();
  await stop();
  return [
    {
      workload: `W5 ${groups} groups of ${MEMBERS}`, figure: 'p99 delivery, ms', value: round(p99), bar: `<= ${P99_MS}`, ok: p99 <= P99_MS && errors === 0,
      more: `${rate} messages/s, ${latencies.length} deliveries, p50 ${round(percentile(latencies, 0.5))} ms; ${reconnects} reconnects; ${round(pushed / cpu)} deliveries per CPU-second; ${errors} errors`,
    },
    { workload: 'W5', figure: 'copies that never came', value: lost, bar: '0', ok: lost === 0, more: `of ${sent.size * (MEMBERS - 1)}` },
    ...await channelPosts({ subscribers }),
  ];
}
