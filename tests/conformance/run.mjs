// The conformance tier: unmodified client libraries against a running system. Prints a table client × feature.
//   node run.mjs [--connect URL | --dcs 2] [--dc N] [--clients mtcute,…] [--features word]
//   node run.mjs --tdlib         the scenario of tdlib.mjs instead (Linux on x64; installs TDLib into the cache folder)
//   node run.mjs --gotd          the scenario of gotd/main.go instead (compiled with the Go toolchain into the cache folder)
// Without --connect it starts its own system, with --dcs several data centers of it. A system with more than one is tried across them too. Everything runs inside a network namespace that has loopback only.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { layCable } from './cable.mjs';
import { CLIENTS, Driver } from './driver.mjs';
import { features } from './features/index.mjs';
import { groupFeatures } from './features/basic-groups.mjs';
import { broadcastFeatures, supergroupFeatures } from './features/channels.mjs';
import { crossClientFeatures } from './features/cross.mjs';
import { timeFeatures } from './features/time.mjs';
import { dataCenterFeatures } from './features/data-centers.mjs';
import { pollFeatures } from './features/polls.mjs';
import { reactionFeatures } from './features/reactions.mjs';
import { dialogFeatures } from './features/dialogs.mjs';
import { sharedFolderAcross, sharedFolderFeatures } from './features/shared-folders.mjs';
import { overviewFeatures } from './features/overviews.mjs';
import { isIsolated, openPipes, reenterIsolated } from './netns.mjs';
import { isPythonClient, pythonWith } from './python.mjs';
import { startStandalone } from '../../libs/testing/dist/standalone.js';

const { values: options } = parseArgs({ options: { connect: { type: 'string' }, clients: { type: 'string' }, features: { type: 'string' }, dcs: { type: 'string' }, dc: { type: 'string', default: '2' }, grpc: { type: 'boolean' }, tdlib: { type: 'boolean' }, gotd: { type: 'boolean' } } });
// Each ends the process itself.
if (options.tdlib) await import('./tdlib.mjs');
if (options.gotd) await import('./gotd.mjs');

const wanted = options.clients?.split(',') ?? Object.keys(CLIENTS);

if (!isIsolated()) {
  for (const library of wanted.filter(isPythonClient)) pythonWith(library);
  const outside = [];
  if (options.connect) {
    const url = new URL(options.connect);
    const document = await (await fetch(url)).json();
    outside.push(Number(url.port), ...document.dcs.map((dc) => dc.port));
  }
  await reenterIsolated([...new Set(outside)]);
}
await openPipes();

const system = options.connect ? { url: options.connect, stop: async () => {} } : await startStandalone({ port: 4430, httpPort: 8080, flags: [...(options.grpc ? ['--grpc'] : []), ...(options.dcs ? ['--dcs', options.dcs] : [])] });
const document = await (await fetch(system.url)).json();
const dc = document.dcs.find((candidate) => candidate.id === Number(options.dc)) ?? document.dcs[0];
const server = { ...document, dc, otherDc: document.dcs.find((candidate) => candidate.id !== dc.id) };

/** Test numbers of one run: a system that is kept between runs has room for ten, each run's first number tells that its block is taken. */
const NUMBERS_OF_A_RUN = 1_000;
let nextPhone = 0;
const phone = (home = dc) => `99966${home.id}${String(nextPhone++).padStart(4, '0')}`;
let nextOrdinary = Math.floor(Math.random() * 900_000);
const ordinaryPhone = () => `4477${String(10_000_000 + (nextOrdinary += 1)).slice(0, 8)}`;
const codeOf = (home) => String(home.id).repeat(5);
const code = codeOf(dc);
async function outbox(number) {
  return (await fetch(`${server.outbox}?phone=${encodeURIComponent(number)}`)).json();
}

/** Whether somebody has this test number: a code is signed in with, and the login ended again. */
async function isTaken(client, number) {
  const sent = await client.call('auth.sendCode', { phone_number: number, api_id: 1, api_hash: '0'.repeat(32), settings: { _: 'codeSettings' } });
  const answer = await client.call('auth.signIn', { phone_number: number, phone_code_hash: sent.phone_code_hash, phone_code: number[5].repeat(5) });
  if (/SignUpRequired$/i.test(answer._)) return false;
  await client.call('auth.logOut');
  return true;
}

/** Where this run's test numbers begin: at a block of which no data center knows the first. */
async function firstFreeNumber() {
  const start = Math.floor(Math.random() * 10);
  for (let index = 0; index < 10; index += 1) {
    const first = ((start + index) % 10) * NUMBERS_OF_A_RUN;
    const taken = await Promise.all(
      server.dcs.map(async (home) => {
        const driver = new Driver(wanted[0], 'numbers');
        try {
          await driver.op('connect', { dc: home, dcs: server.dcs });
          return await isTaken(driver, `99966${home.id}${String(first).padStart(4, '0')}`);
        } finally {
          await driver.close();
        }
      }),
    );
    if (!taken.includes(true)) return first;
  }
  throw new Error('every block of test numbers is taken: start the system on an empty data folder');
}

/** Two people of one library who know each other, and what features need around them. */
async function stage(library) {
  const drivers = [];
  const open = async (extra = {}) => {
    const driver = new Driver(library, `${library}#${drivers.length + 1}`);
    drivers.push(driver);
    await driver.op('connect', { dc, dcs: server.dcs, ...extra });
    return driver;
  };
  const signUp = async (firstName, number = phone(), via = {}) => {
    const client = await open(via);
    // A test number's code is its home's digit five times.
    let loginCode = number[5].repeat(5);
    if (!number.startsWith('99966')) {
      const sent = await client.call('auth.sendCode', { phone_number: number, api_id: 1, api_hash: '0'.repeat(32), settings: { _: 'codeSettings' } });
      loginCode = (await outbox(number))[0].code;
      await client.call('auth.signIn', { phone_number: number, phone_code_hash: sent.phone_code_hash, phone_code: loginCode });
      const authorization = await client.call('auth.signUp', { phone_number: number, phone_code_hash: sent.phone_code_hash, first_name: firstName, last_name: '' });
      await client.call('updates.getState');
      return { client, id: authorization.user.id, phone: number };
    }
    const { id } = await client.op('start', { phone: number, code: loginCode, firstName });
    return { client, id, phone: number };
  };
  const inputUser = async (client, id) => {
    const peer = await client.op('inputPeer', { peer: id });
    return { _: 'inputUser', user_id: id, access_hash: peer.access_hash };
  };
  /** Makes `who` know `client`'s owner, so that the library can address him. */
  const introduce = async (who, client, id) => {
    const me = await client.op('me');
    const found = await who.client.op('importContact', { phone: me.phone, firstName: 'Known' });
    if (found.id !== id) throw new Error('could not introduce two people');
  };
  const cable = await layCable(dc.host, dc.port);
  const [a, b] = [await signUp('Alice'), await signUp('Bob', phone(), { dc: { ...dc, port: cable.port } })];
  await introduce(a, b.client, b.id);
  await introduce(b, a.client, a.id);
  const stranger = async () => {
    const other = await signUp('Stranger');
    await a.client.op('importContact', { phone: other.phone, firstName: 'Stranger' });
    return other;
  };
  // A library that keeps its update state in memory alone is cut off; the others end their client and open the session again.
  const { keepsStateInMemory } = CLIENTS[library];
  const bLeaves = async () => (keepsStateInMemory ? cable.pull() : b.client.op('disconnect'));
  const bReturns = async () => {
    if (!keepsStateInMemory) return b.client.op('reconnect');
    cable.restore();
    return b.client.op('catchUp');
  };
  return {
    library, traits: CLIENTS[library], server, code, codeOf, phone, ordinaryPhone, outbox, open, signUp, inputUser, introduce, stranger, bLeaves, bReturns,
    a: a.client, b: b.client, aId: a.id, bId: b.id, aName: 'Alice', bName: 'Bob', aPhone: a.phone, bPhone: b.phone,
    close: async () => {
      await Promise.all(drivers.map((driver) => driver.close()));
      cable.close();
    },
  };
}

if (options.connect) nextPhone = await firstFreeNumber();

const results = [];
async function run(library, title, task) {
  const started = Date.now();
  try {
    await task();
    results.push({ library, title, ok: true });
  } catch (error) {
    results.push({ library, title, ok: false, error });
  }
  const last = results.at(-1);
  console.log(`${last.ok ? 'pass' : 'FAIL'}  ${library.padEnd(10)} ${title} (${Date.now() - started} ms)${last.ok ? '' : `\n      ${String(last.error.message).slice(0, 600)}`}`);
}

const selected = [...features, ...groupFeatures, ...supergroupFeatures, ...broadcastFeatures, ...dialogFeatures, ...sharedFolderFeatures, ...overviewFeatures, ...reactionFeatures, ...pollFeatures, ...timeFeatures, ...(server.otherDc ? [...dataCenterFeatures, sharedFolderAcross] : [])].filter(([title]) => !options.features || title.includes(options.features));
const stages = new Map();
for (const library of wanted) {
  let opened;
  await run(library, 'connect', async () => {
    opened = await stage(library);
  });
  if (!opened) {
    for (const [title] of selected) results.push({ library, title, ok: false, error: new Error('not connected') });
    continue;
  }
  stages.set(library, opened);
  for (const [title, feature] of selected) await run(library, title, () => feature(opened));
}
for (const [title, feature] of crossClientFeatures([...stages.values()])) {
  if (!options.features || title.includes(options.features)) await run('cross', title, feature);
}

const titles = ['connect', ...selected.map(([title]) => title)];
const cell = (library, title) => {
  const found = results.find((result) => result.library === library && result.title === title);
  return (found?.ok ? 'ok' : 'FAILED').padEnd(16);
};
console.log(`\n${''.padEnd(48)}${wanted.map((library) => `${library} (${CLIENTS[library].layer})`.padEnd(16)).join('')}`);
for (const title of titles) console.log(`${title.padEnd(48)}${wanted.map((library) => cell(library, title)).join('')}`);

await Promise.all([...stages.values()].map((opened) => opened.close()));
const stopped = await system.stop();
if (stopped && stopped.code !== 0) results.push({ library: 'system', title: 'stops cleanly', ok: false, error: new Error(`exit code ${stopped.code}`) });
const failed = results.filter((result) => !result.ok).length;
console.log(`\n${results.length - failed} passed, ${failed} failed`);
if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
process.exit(failed ? 1 : 0);
