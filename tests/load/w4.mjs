// W4: one channel, N members online. The gateway alone, as a process of its own with its neighbours played: deliveries per CPU-second, encrypted and
// obfuscated, singly and in bursts. Then the whole system: a member posts, all others get it; open loop, and a burst of 400.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { ask, cipher, query, signUp } from './people.mjs';
import { inParallel, percentile, round, sleep, startSystem } from './system.mjs';

const require = createRequire(import.meta.url);
const { connectLoadClient } = require('../../libs/mtproto/dist/load-client.js');

/** Deliveries per CPU-second of the gateway at 1,000 members (bars.md). */
const BAR = 100_000;
const BURST = 400;
/** Constructors of updatesTooLong, updateShort and updateChannelTooLong. */
const [ALL_TOO_LONG, SHORT, CHANNEL_TOO_LONG] = [0xe317af7e, 0x78d4dec1, 0x108d941f];
const DEADLINE_MS = 300_000;

export async function run({ sizes = [200, 1000, 4000], seconds = 10, people = 200, rate = 10 } = {}) {
  const rows = [];
  for (const size of sizes) rows.push(...(await gatewayAlone(size, seconds)));
  rows.push(...(await wholeSystem(people, rate, seconds)));
  return rows;
}

/** What members got: each message once, in order; what came otherwise is counted. */
class Book {
  delivered = 0;
  doubled = 0;
  disordered = 0;
  collapsed = 0;
  latencies = [];
  sentAt = new Map();
  #seen = new Map();

  begin() {
    Object.assign(this, { delivered: 0, doubled: 0, disordered: 0, collapsed: 0, latencies: [] });
  }

  take(member, body) {
    const kind = body.readUInt32LE(0);
    if (kind === ALL_TOO_LONG || (kind === SHORT && body.readUInt32LE(4) === CHANNEL_TOO_LONG)) {
      this.collapsed += 1;
      return;
    }
    if (kind === SHORT) return;
    const named = /#(\d+)#/.exec(body.toString('latin1'));
    if (named === null) return;
    const id = Number(named[1]);
    const last = this.#seen.get(member) ?? 0;
    if (id === last) this.doubled += 1;
    else if (id < last) this.disordered += 1;
    else this.#seen.set(member, id);
    this.delivered += 1;
    const at = this.sentAt.get(id);
    if (at !== undefined) this.latencies.push(performance.now() - at);
  }

  async reaches(count) {
    const until = Date.now() + DEADLINE_MS;
    while (this.delivered < count && Date.now() < until) await sleep(1);
  }

  faults(due) {
    return { lost: due - this.delivered, text: `${due - this.delivered} lost, ${this.doubled} doubled, ${this.disordered} out of order, ${this.collapsed} collapsed`, ok: due === this.delivered && this.doubled + this.disordered + this.collapsed === 0 };
  }
}

async function gatewayAlone(size, seconds) {
  const gateway = fork(new URL('w4-gateway.cjs', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const tell = async (message) => {
    const answer = once(gateway, 'message');
    gateway.send(message);
    return (await answer)[0];
  };
  await once(gateway, 'message');
  const { port, keys } = await tell({ members: size });
  const book = new Book();
  const clients = new Array(size);
  await inParallel(size, 64, async (index) => {
    const { id, bytes } = keys[index];
    const dc = { host: '127.0.0.1', port };
    clients[index] = await connectLoadClient({
      ...dc, cipher, obfuscated: true, localAddress: `127.0.0.${2 + (index % 249)}`, key: { keyId: BigInt(id), authKey: Buffer.from(bytes, 'base64'), serverSalt: 0n }, onMessage: (body) => book.take(index, body),
    });
    await ask(clients[index], { _: 'updates.getState' }, true);
  });
  await sleep(500);
  const rows = [];
  let due = 0;
  const measure = async (label, bar, work) => {
    book.begin();
    due = 0;
    const before = (await tell({})).cpuSeconds;
    const began = performance.now();
    await work();
    await book.reaches(due);
    const lasted = (performance.now() - began) / 1000;
    const cpu = (await tell({})).cpuSeconds - before;
    const per = due / cpu;
    const faults = book.faults(due);
    rows.push({
      workload: `W4 gateway, ${size} members`, figure: `${label}: deliveries per CPU-second`, value: Math.round(per), bar: bar ? `>= ${bar}` : '', ok: faults.ok && (!bar || per >= bar), more: `${Math.round(due / lasted)}/s; ${faults.text}`,
    });
  };
  const push = async (count) => {
    const { first, last } = await tell({ push: count });
    for (let id = first; id <= last; id += 1) book.sentAt.set(id, performance.now());
    due += count * size;
  };
  // Code is compiled as it is used.
  for (let round = 0; round < Math.max(3, 20_000 / size); round += 1) {
    await push(4);
    await book.reaches(due);
  }
  await measure('one at a time', size === 1000 ? BAR : undefined, async () => {
    const until = Date.now() + seconds * 500;
    while (Date.now() < until) {
      await push(1);
      await book.reaches(due);
    }
  });
  await measure('8 under way', size === 1000 ? BAR : undefined, async () => {
    const until = Date.now() + seconds * 500;
    while (Date.now() < until) {
      await push(4);
      await book.reaches(due - 4 * size);
    }
  });
  await measure(`a burst of ${BURST}`, size === 1000 ? BAR : undefined, () => push(BURST));
  for (const client of clients) client.close();
  gateway.send({ stop: true });
  await once(gateway, 'exit');
  return rows;
}

/** A supergroup of people who have signed up, through everything. */
async function wholeSystem(count, rate, seconds) {
  const { system, dc, stop } = await startSystem();
  const book = new Book();
  const people = await signUp(dc, count + 1, { onMessage: (person, body) => book.take(person.index, body) });
  const [owner, ...others] = people;
  const made = await ask(owner.client, { _: 'channels.createChannel', megagroup: true, title: 'W4', about: '' });
  const { id: channel_id, access_hash } = made.chats[0];
  const channel = { _: 'inputChannel', channel_id, access_hash };
  for (let start = 0; start < others.length; start += 100) {
    const some = others.slice(start, start + 100);
    const { users } = await ask(owner.client, { _: 'contacts.importContacts', contacts: some.map(({ phone, index }, place) => ({ _: 'inputPhoneContact', client_id: BigInt(place), phone, first_name: `Load ${index}`, last_name: '' })) });
    await ask(owner.client, { _: 'channels.inviteToChannel', channel, users: some.map(({ id }) => ({ _: 'inputUser', user_id: id, access_hash: users.find((user) => user.id === id).access_hash })) });
  }
  // Some seconds for what their joining sends around.
  await sleep(3000);
  let serial = 0;
  let errors = 0;
  const send = async () => {
    const id = (serial += 1);
    book.sentAt.set(id, performance.now());
    await owner.client.call(query({ _: 'messages.sendMessage', peer: { ...channel, _: 'inputPeerChannel' }, message: `#${id}# to all of you`, random_id: BigInt.asIntN(64, BigInt(id) * 0x9e3779b97f4a7c15n) })).catch((error) => {
      errors += 1;
      if (errors < 4) console.error(`send failed: ${error.message}`);
    });
  };
  const rows = [];
  const measure = async (label, messages, work) => {
    book.begin();
    const before = system.cpuSeconds();
    await work();
    await book.reaches(messages * count);
    const cpu = system.cpuSeconds() - before;
    const faults = book.faults(messages * count);
    rows.push({
      workload: `W4 system, ${count} members`, figure: `${label}: p99 delivery, ms`, value: round(percentile(book.latencies, 0.99)), ok: faults.ok && errors === 0,
      more: `p50 ${round(percentile(book.latencies, 0.5))} ms; ${Math.round((messages * count) / cpu)} deliveries per CPU-second of everything; ${faults.text}; ${errors} errors`,
    });
  };
  // One after the other: what is on its way twice at once has no order of its own.
  await measure(`${rate}/s`, rate * seconds, async () => {
    const began = performance.now();
    for (let sent = 0; sent < rate * seconds; sent += 1) {
      await sleep(Math.max(0, began + (sent * 1000) / rate - performance.now()));
      await send();
    }
  });
  await measure(`a burst of ${BURST}`, BURST, async () => {
    for (let sent = 0; sent < BURST; sent += 1) await send();
  });
  for (const person of people) person.client.close();
  await stop();
  return rows;
}
