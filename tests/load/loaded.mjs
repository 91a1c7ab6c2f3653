// A system whose people have long histories: people sign up, the system stops, the loader fills their boxes, the system starts again.
// A stack goes on running meanwhile: its message store takes the loader's commands.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask, connectTo, introduce, signUp } from './people.mjs';
import { onStack, sleep, startSystem } from './system.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const AT_REST_CORES = 0.6;
const AT_REST_LOOK_MS = 3_000;
const AT_REST_MAX_MS = 180_000;

/** @returns one {receiver, sender, peer, count} per count; `peer` is the sender as the receiver addresses them */
export async function startLoaded(counts) {
  if (onStack()) return startLoadedStack(counts);
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-load-'));
  const first = await startSystem({ folder });
  const people = await signUp(first.dc, counts.length * 2);
  const chats = [];
  await pairUp(people, counts, chats);
  for (const person of people) person.client.close();
  await first.stop();
  await load('loader.cjs', folder, chats);
  const second = await startSystem({ folder });
  for (const chat of chats) chat.receiver.client = await connectTo(second.dc, chat.receiver.index, { key: chat.receiver.client.key });
  return {
    ...second, chats,
    stop: async () => {
      for (const chat of chats) chat.receiver.client.close();
      await second.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startLoadedStack(counts) {
  const started = await startSystem();
  const people = await signUp(started.dc, counts.length * 2);
  const chats = [];
  await pairUp(people, counts, chats);
  await load('stack-loader.cjs', join(started.folder, `peers-dc${started.dc.id}.json`), chats);
  // All is in the log; it takes the box engine a while to make rows of it.
  for (const { receiver, count } of chats) {
    // While a box is a hundred thousand commands behind, what asks for it may wait longer than a caller does, and is told to try again.
    const pts = () => ask(receiver.client, { _: 'updates.getState' }).then((state) => state.pts, (error) => {
      if (error.code !== 500) throw error;
      return 0;
    });
    while ((await pts()) < count) await sleep(500);
  }
  await untilAtRest(started.system);
  return {
    ...started, chats,
    stop: async () => {
      for (const person of people) person.client.close();
      await started.stop();
    },
  };
}

/**
 * Waits until what the load left behind is done: rows that are still being written, and Cassandra's merging of its files, which takes half a minute and would
 * be counted with whatever is measured then. A stack that nobody uses spends a quarter of a core.
 */
async function untilAtRest(system) {
  const until = Date.now() + AT_REST_MAX_MS;
  for (let calm = 0; calm < 2 && Date.now() < until;) {
    const before = system.cpuSeconds();
    await sleep(AT_REST_LOOK_MS);
    calm = (system.cpuSeconds() - before) / (AT_REST_LOOK_MS / 1000) < AT_REST_CORES ? calm + 1 : 0;
    if (Date.now() >= until) console.error(`the stack is not at rest after ${AT_REST_MAX_MS / 1000} s; what is measured now bears what it still does`);
  }
}

async function pairUp(people, counts, chats) {
  for (const [index, count] of counts.entries()) {
    const [receiver, sender] = people.slice(index * 2);
    chats.push({ receiver, sender, count, peer: await introduce(receiver, sender) });
  }
}

/** Runs a loader over the chats. `where`: its first argument. */
const load = (program, where, chats) => loadFolder(program, where, chats.map((chat) => `${chat.receiver.id}:${chat.sender.id}:${chat.count}`));

/** Runs one of the loaders beside this file; its first argument is where, the others say what. @returns what it printed */
export function loadFolder(program, where, jobs) {
  return new Promise((done, failed) => {
    const loader = spawn(process.execPath, [join(here, program), where, ...jobs.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    loader.stdout.on('data', (chunk) => { output += chunk; });
    loader.on('close', (code) => (code === 0 ? done(output) : failed(new Error(`${program} failed`))));
  });
}
