// W4: one channel, N members online. The gateway alone, as a process of its own with its neighbours played: deliveries per CPU-second, encrypted and
// obfuscated, singly, some under way and in a burst, and in open loop; beside it ejabberd with as many members in a room, not encrypted.
// Then the whole system: a member posts, all others get it; open loop, and a burst of 400.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { startEjabberd } from './ejabberd.mjs';
import { ask, cipher, query, signUp } from './people.mjs';
import { inParallel, onStack, percentile, round, sleep, startSystem } from './system.mjs';

const require = createRequire(import.meta.url);
const { connectLoadClient } = require('../../libs/mtproto/dist/load-client.js');

/** Deliveries per CPU-second of the gateway at 1,000 members (bars.md). */
const BAR = 100_000;
const BURST = 400;
/** Deliveries per second of the open loop. */
const OPEN_LOOP = 10_000;
/** Constructors of updatesTooLong, updateShort and updateChannelTooLong. */
const [ALL_TOO_LONG, SHORT, CHANNEL_TOO_LONG] = [0xe317af7e, 0x78d4dec1, 0x108d941f];
const DEADLINE_MS = 300_000;
/** With which services are started (docs/adr/0006-young-generation.md). */
const NODE_FLAGS = ['--min-semi-space-size=8', '--max-semi-space-size=8'];
/** In which what is compared is measured. */
const TURNS = 4;
/** As in w4-gateway.cjs. */
const TEXT = 'The quick brown fox jumps over the lazy dog and on it goes';

export async function run({ sizes = [200, 1000, 4000], seconds = 10, people = 200, rate = 10 } = {}) {
  const rows = [];
  // The gateway alone has no engines.
  if (!onStack()) for (const size of sizes) rows.push(...(await fanOut(size, seconds)));
  rows.push(...(await wholeSystem(people, rate, seconds)));
  return rows;
}

/** What members are due, and what they got: each message once, in order; what came otherwise is counted. */
class Book {
  due = 0;
  delivered = 0;
  doubled = 0;
  disordered = 0;
  collapsed = 0;
  latencies = [];
  sentAt = new Map();
  #seen = new Map();

  begin() {
    Object.assign(this, { due: 0, delivered: 0, doubled: 0, disordered: 0, collapsed: 0, latencies: [] });
  }

  /** A message is sent now, to so many. */
  send(id, members) {
    this.sentAt.set(id, performance.now());
    this.due += members;
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
    this.count(member, Number(named[1]));
  }

  count(member, id) {
    const last = this.#seen.get(member) ?? 0;
    if (id === last) this.doubled += 1;
    else if (id < last) this.disordered += 1;
    else this.#seen.set(member, id);
    this.delivered += 1;
    const at = this.sentAt.get(id);
    if (at !== undefined) this.latencies.push(performance.now() - at);
  }

  /** Until all has come but so many. */
  async settles(butFor = 0) {
    const until = Date.now() + DEADLINE_MS;
    while (this.delivered < this.due - butFor && Date.now() < until) await sleep(1);
  }

  get lost() {
    return this.due - this.delivered;
  }

  get ok() {
    return this.lost === 0 && this.doubled + this.disordered + this.collapsed === 0;
  }

  get faults() {
    return `${this.lost} lost, ${this.doubled} doubled, ${this.disordered} out of order, ${this.collapsed} collapsed`;
  }
}

/** The gateway with one channel of as many members, all online, as a process of its own. */
async function gatewayRoom(size) {
  const gateway = fork(new URL('w4-gateway.cjs', import.meta.url), { execArgv: NODE_FLAGS, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const tell = async (message) => {
    const answer = once(gateway, 'message');
    gateway.send(message);
    return (await answer)[0];
  };
  await once(gateway, 'message');
  const { port, keys } = await tell({ members: size });
  const book = new Book();
  let pushed = 0;
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
  return {
    name: 'gateway', size, book,
    cpuSeconds: async () => (await tell({})).cpuSeconds,
    push: async (count) => {
      for (let each = 0; each < count; each += 1) book.send((pushed += 1), size);
      await tell({ push: count });
    },
    stop: async () => {
      for (const client of clients) client.close();
      gateway.send({ stop: true });
      await once(gateway, 'exit');
    },
  };
}

/** ejabberd with one room of as many members; undefined, and why on the console, where it can't be had. */
async function ejabberdRoom(size) {
  const book = new Book();
  let ejabberd;
  try {
    ejabberd = await startEjabberd(size, (member, id) => book.count(member, id));
  } catch (error) {
    console.error(`W4 goes on without ejabberd: ${error.message}`);
    return undefined;
  }
  let pushed = 0;
  return {
    name: 'ejabberd', size, book,
    cpuSeconds: async () => ejabberd.cpuSeconds(),
    push: async (count) => {
      for (let each = 0; each < count; each += 1) {
        book.send((pushed += 1), size);
        ejabberd.post(`#${pushed}# ${TEXT}`);
      }
    },
    stop: () => ejabberd.stop(),
  };
}

/** The gateway, and ejabberd by turns with it, so that a busy machine treats both alike. */
async function fanOut(size, seconds) {
  const gateway = await gatewayRoom(size);
  const ejabberd = await ejabberdRoom(size);
  const rooms = ejabberd === undefined ? [gateway] : [gateway, ejabberd];
  const workload = `W4 gateway, ${size} members`;
  const bar = size === 1000 ? BAR : undefined;
  const rows = [];
  const judge = (figure, { perSecond, each, book }) => rows.push({
    workload, figure: `${figure}: deliveries per CPU-second`, value: Math.round(each), bar: bar ? `>= ${bar}` : '', ok: book.ok && (!bar || each >= bar), more: `${Math.round(perSecond)}/s; ${book.faults}`,
  });
  try {
    for (const room of rooms) await warmUp(room);
    const one = await byTurns(rooms, TURNS, (room) => oneAtATime(room, seconds / 2 / TURNS));
    judge('one at a time', one[0]);
    if (one.length > 1) {
      const { perSecond, each, book } = one[1];
      rows.push({ workload: `W4 ejabberd, ${size} members`, figure: 'the same, not encrypted', value: Math.round(each), more: `the gateway makes ${round(one[0].each / each, 2)} times as many; ${Math.round(perSecond)}/s; ${book.lost} lost` });
    }
    judge('8 under way', (await byTurns([gateway], 1, (room) => eightUnderWay(room, seconds / 2)))[0]);
    judge(`a burst of ${BURST}`, (await byTurns([gateway], 1, ({ push }) => push(BURST)))[0]);
    const [{ each, book }] = await byTurns([gateway], 1, (room) => openLoop(room, seconds / 2));
    rows.push({
      workload, figure: `${OPEN_LOOP} deliveries/s: p99 delivery, ms`, value: round(percentile(book.latencies, 0.99)), ok: book.ok,
      more: `p50 ${round(percentile(book.latencies, 0.5))} ms; ${Math.round(each)} deliveries per CPU-second; ${book.faults}`,
    });
  } finally {
    for (const room of rooms) await room.stop();
  }
  return rows;
}

/** Code is compiled as it is used: some posts together, and some by themselves. */
async function warmUp({ size, book, push }) {
  for (const together of [4, 1]) {
    for (let round = 0; round < Math.max(3, 20_000 / size); round += 1) {
      await push(together);
      await book.settles();
    }
  }
}

async function oneAtATime({ book, push }, seconds) {
  for (const until = Date.now() + seconds * 1000; Date.now() < until;) {
    await push(1);
    await book.settles();
  }
}

async function eightUnderWay({ size, book, push }, seconds) {
  for (const until = Date.now() + seconds * 1000; Date.now() < until;) {
    await push(4);
    await book.settles(4 * size);
  }
}

async function openLoop({ size, push }, seconds) {
  const began = performance.now();
  for (let posted = 0; posted * size < seconds * OPEN_LOOP; posted += 1) {
    await sleep(Math.max(0, began + (posted * size * 1000) / OPEN_LOOP - performance.now()));
    await push(1);
  }
}

/**
 * Lets the rooms do their work by turns.
 * @returns for each: deliveries per CPU-second (`each`) and per second, and its book
 */
async function byTurns(rooms, turns, work) {
  const spent = rooms.map(() => ({ cpu: 0, seconds: 0 }));
  for (const { book } of rooms) book.begin();
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [index, room] of rooms.entries()) {
      const before = await room.cpuSeconds();
      const began = performance.now();
      await work(room);
      await room.book.settles();
      spent[index].seconds += (performance.now() - began) / 1000;
      spent[index].cpu += (await room.cpuSeconds()) - before;
    }
  }
  return rooms.map(({ book }, index) => ({ book, each: book.due / spent[index].cpu, perSecond: book.due / spent[index].seconds }));
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
    book.send(id, count);
    await owner.client.call(query({ _: 'messages.sendMessage', peer: { ...channel, _: 'inputPeerChannel' }, message: `#${id}# to all of you`, random_id: BigInt.asIntN(64, BigInt(id) * 0x9e3779b97f4a7c15n) })).catch((error) => {
      errors += 1;
      if (errors < 4) console.error(`send failed: ${error.message}`);
    });
  };
  const rows = [];
  const measure = async (label, work) => {
    book.begin();
    const before = system.cpuSeconds();
    await work();
    await book.settles();
    const cpu = system.cpuSeconds() - before;
    rows.push({
      workload: `W4 system, ${count} members`, figure: `${label}: p99 delivery, ms`, value: round(percentile(book.latencies, 0.99)), ok: book.ok && errors === 0,
      more: `p50 ${round(percentile(book.latencies, 0.5))} ms; ${Math.round(book.due / cpu)} deliveries per CPU-second of everything; ${book.faults}; ${errors} errors`,
    });
  };
  // One after the other: what is on its way twice at once has no order of its own.
  await measure(`${rate}/s`, async () => {
    const began = performance.now();
    for (let sent = 0; sent < rate * seconds; sent += 1) {
      await sleep(Math.max(0, began + (sent * 1000) / rate - performance.now()));
      await send();
    }
  });
  await measure(`a burst of ${BURST}`, async () => {
    for (let sent = 0; sent < BURST; sent += 1) await send();
  });
  for (const person of people) person.client.close();
  await stop();
  return rows;
}
