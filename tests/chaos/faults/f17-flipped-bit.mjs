import { closeSync, cpSync, lstatSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { judge } from '../judgement.mjs';
import { withOwnSystem } from '../own-system.mjs';
import { loginOf } from '../people/login.mjs';
import { MtcuteLibrary } from '../people/mtcute.mjs';
import { startEmbedded } from '../target-embedded.mjs';

const LINK_PORT = 19_880;
const READ_MS = 15_000;
/** LMDB's two root pages: damage of one is its own fallback. */
const ROOT_BYTES = 8_192;
/** Newest segments of Kafka in whose last batch a bit is flipped; bytes of a batch in front of what its checksum covers; when it must have been noticed. */
const SEGMENTS_MAX = 8;
const BATCH_CHECKED_BYTES = 21;
const NOTICED_MS = 45_000;
const DAMAGE = /checksum|corrupt|damaged|not of Kafka's format/i;
/** Behind this share of a journal stand groups that the tree does not hold. */
const NEWEST_SHARE = 0.7;

/**
 * One bit of the stored data is flipped, then everything is read. It is refused, or answered by an error, or what was flipped meant nothing; a text
 * that nobody wrote is never shown.
 * NOTE: the embedded tree has no checksums (docs/adr/0005): what is not sealed in it, such as a read mark, is not compared.
 */
export const f17FlippedBit = {
  id: 'F17',
  title: 'a flipped bit in stored data is detected, never served',
  targets: ['embedded', 'stack'],
  short: ['embedded'],
  async run(context) {
    if (context.kind === 'stack') {
      await flipTable(context);
      if (!context.short) await flipSegment(context);
      return;
    }
    const { log, fail, random, short, sleep } = context;
    const scratch = mkdtempSync(join(tmpdir(), 'heliograph-flipped-'));
    try {
      const truth = new Map();
      let people;
      await withOwnSystem(context, { folder: join(scratch, 'data'), perDc: 3 }, async ({ target, crowd }) => {
        crowd.talk(60);
        await sleep(short ? 2_000 : 5_000);
        // In the middle of the talk: then the newest groups stand in the journal alone.
        await target.kill();
        copy(join(scratch, 'data'), join(scratch, 'killed'));
        await target.restart();
        await crowd.hush();
        const { findings } = await judge(crowd, { limitMs: 30_000, freshLogins: 0, log });
        for (const finding of findings) fail(finding);
        people = crowd.people;
      });
      const sound = join(scratch, 'sound');
      copy(join(scratch, 'killed'), sound);
      const target = await startEmbedded({ folder: sound, dcs: 1, random, firstPort: LINK_PORT });
      try {
        for (const person of people) truth.set(person.id, await read(target, person));
      } finally {
        await target.stop();
      }
      for (const [index, kind] of (short ? ['journal', 'tree'] : ['journal', 'tree', 'journal', 'tree', 'tree', 'tree']).entries()) {
        const folder = join(scratch, `damaged-${index}`);
        copy(join(scratch, 'killed'), folder);
        const where = flip(folder, kind, random);
        log(`${where}: ${await outcome(folder, people, truth, kind, fail, where, random)}`);
        rmSync(folder, { recursive: true });
      }
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  },
};

/** The lock of a running system is a socket. */
const copy = (from, to) => cpSync(from, to, { recursive: true, filter: (path) => !lstatSync(path).isSocket() });
const SERVICE_ACCOUNT = 777000;

/** Flips a bit of a byte that is not zero. @returns {string} which */
function flip(folder, kind, random) {
  const dc = readdirSync(folder).find((name) => /^dc\d/.test(name));
  const name = random.pick(readdirSync(join(folder, dc)).filter((file) => (kind === 'journal' ? file.startsWith('journal-') : file === 'data.mdb')));
  const path = join(folder, dc, name);
  const bytes = readFileSync(path);
  // The end of the newest group of a journal can't be told from a write that was cut short: nothing was acknowledged by it yet, then.
  const end = kind === 'journal' ? lastGroup(bytes) : bytes.length;
  for (;;) {
    const at = random.between(kind === 'journal' ? Math.floor(end * NEWEST_SHARE) : ROOT_BYTES, end - 1);
    if (bytes[at] === 0) continue;
    const bit = random.between(0, 7);
    bytes[at] ^= 1 << bit;
    writeFileSync(path, bytes);
    return `bit ${bit} of byte ${at} of ${dc}/${name}`;
  }
}

/** Where the last of the groups from the beginning on begins. */
function lastGroup(bytes) {
  let last = 0;
  for (let at = 0; at + 24 <= bytes.length && bytes.readUInt32BE(at) === bytes.readUInt32BE(0); at += 24 + bytes.readUInt32BE(at + 4)) last = at;
  return Math.max(last, 1);
}

async function outcome(folder, people, truth, kind, fail, where, random) {
  let target;
  try {
    target = await startEmbedded({ folder, dcs: 1, random, firstPort: LINK_PORT });
  } catch (error) {
    return `refused at start (${/heliograph: .*/.exec(error.message)?.[0] ?? error.message.split('\n').slice(0, 2).join(' ')})`;
  }
  let refused = 0;
  let missing = 0;
  let same = 0;
  try {
    for (const person of people) {
      try {
        const shown = await read(target, person);
        for (const [id, text] of truth.get(person.id)) {
          if (!shown.has(id)) missing += 1;
          else if (shown.get(id) !== text) fail(`${where}: message ${id} of box ${person.id} is shown as "${shown.get(id)}" instead of "${text}"`);
          else same += 1;
        }
      } catch {
        refused += 1;
      }
    }
  } finally {
    await target.stop().catch(() => {});
  }
  // What the journal holds is checked as a whole: less than all is never served from it.
  if (kind === 'journal' && missing > 0) fail(`${where}: ${missing} acknowledged messages are gone without a word`);
  return `${same} messages read as they were, ${missing} not shown, ${refused} of ${people.length} people answered by errors`;
}

/** The texts that a new login of a person is shown. */
async function read(target, person) {
  const library = new MtcuteLibrary(target.dcs.find((dc) => dc.id === person.dc.id) ?? target.dcs[0]);
  try {
    await within(READ_MS, library.login({ phone: person.phone, code: person.code, firstName: 'nobody' }));
    const { messages } = await within(READ_MS, loginOf(library, person.id));
    return new Map(messages.filter((message) => message._ === 'message' && message.peer_id.user_id !== SERVICE_ACCOUNT).map((message) => [message.id, message.message]));
  } finally {
    await library.close().catch(() => {});
  }
}

function within(ms, promise) {
  let timer;
  return Promise.race([promise, new Promise((_, failed) => { timer = setTimeout(() => failed(new Error('no answer')), ms); })]).finally(() => clearTimeout(timer));
}

/** Flips a bit of a byte behind `from` of a file. @returns {{ where: string, restore: () => void }} restore: flips it back; what was written since stays */
function flipIn(path, from, random) {
  const bytes = readFileSync(path);
  let at;
  do at = random.between(Math.floor(from), bytes.length - 1); while (bytes[at] === 0);
  const bit = random.between(0, 7);
  const put = (byte) => {
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.of(byte), 0, 1, at);
    closeSync(file);
  };
  put(bytes[at] ^ (1 << bit));
  return { where: `bit ${bit} of byte ${at} of ${basename(dirname(path))}/${basename(path)}`, restore: () => put(bytes[at]) };
}

const filesBelow = (folder, pattern) => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && pattern.test(join(entry.parentPath, entry.name))).map((entry) => join(entry.parentPath, entry.name));

/** A table of Cassandra: what was damaged is an error for those who read it, until the file is put back. */
async function flipTable({ target, crowd, random, log, fail, recovered, started, sleep }) {
  const dc = random.pick([1, 2]);
  await crowd.hush();
  const people = crowd.people.filter((person) => person.dc.id === dc);
  const truth = new Map();
  for (const person of people) truth.set(person.id, await read(target, person));
  const node = target.engines.cassandra[dc];
  await target.engines.nodetool(dc, 'flush');
  const tables = filesBelow(join(target.folder, 'engines', node.name, 'data', `heliograph_dc${dc}`), /\/box_(log|peer)-[^/]*\/[^/]*-Data\.db$/).sort((a, b) => statSync(b).size - statSync(a).size);
  if (tables.length === 0) return fail('no table of messages was written: nothing was tried');
  await node.kill();
  const flipped = tables.slice(0, 2).map((path) => flipIn(path, 0, random));
  await started(node);
  // What they remember would be right: it is the disk that is asked.
  for (const store of target.of('message-store', dc)) await store.kill();
  await Promise.all(target.of('message-store', dc).map((store) => started(store).catch((error) => log(`${store.name} does not become ready: ${error.message.slice(0, 200)}`))));
  const { same, refused } = await compare(target, people, truth, fail, flipped.map(({ where }) => where).join(' and '));
  log(`${flipped.map(({ where }) => where).join(' and ')} (${node.name}): ${same} messages read as they were, ${refused} of ${people.length} people answered by errors`);
  await node.kill();
  for (const { restore } of flipped) restore();
  await started(node);
  crowd.talk();
  await sleep(1_000);
  await recovered(60_000, `the tables of ${node.name}`);
  return undefined;
}

/** The newest commands in the log, before they were applied: they are refused, nothing is made of them, until the file is put back. */
async function flipSegment({ target, crowd, random, log, fail, recovered, started, sleep }) {
  const dc = random.pick([1, 2]);
  const broker = target.engines.kafka[dc];
  const stores = target.of('message-store', dc);
  await Promise.all(stores.map((store) => store.kill()));
  // An orderly end: after a crash Kafka itself cuts its log off at what does not match.
  await broker.term();
  const segments = filesBelow(join(target.folder, 'engines', broker.name), /\/[\w.-]*box-commands[\w.-]*\/\d{20}\.log$/).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (segments.length === 0) return fail('the log holds no command: nothing was tried');
  const flipped = segments.filter((path) => statSync(path).size > 0).slice(0, SEGMENTS_MAX).map((path) => flipIn(path, lastBatch(readFileSync(path)) + BATCH_CHECKED_BYTES, random));
  await started(broker);
  for (const store of stores) if (!store.running) store.spawn();
  const said = new Map();
  for (const until = performance.now() + NOTICED_MS; said.size === 0 && performance.now() < until; await sleep(250)) {
    for (const store of stores) for (const reason of await reasons(store)) if (DAMAGE.test(reason)) said.set(store.name, reason);
  }
  log(`${flipped.length} segments of ${broker.name} damaged, e.g. ${flipped[0]?.where}; ${[...said].map(([name, reason]) => `${name} is not ready: ${reason.slice(0, 200)}`).join('; ') || 'nobody noticed'}`);
  if (said.size === 0) fail(`nobody noticed a flipped bit in the newest commands of ${flipped.length} partitions`);
  await Promise.all(stores.map((store) => store.kill()));
  await broker.term();
  for (const { restore } of flipped) restore();
  await started(broker);
  await Promise.all(stores.map((store) => started(store)));
  await recovered(60_000, `the log of ${broker.name}`);
  return undefined;
}

/** Where the last batch of a segment begins. */
function lastBatch(segment) {
  let last = 0;
  for (let at = 0; at + 12 < segment.length; at += 12 + segment.readInt32BE(at + 8)) last = at;
  return last;
}

/** Why a process is not ready. */
async function reasons({ host, httpPort }) {
  try {
    return (await (await fetch(`http://${host}:${httpPort}/readyz`)).json()).reasons ?? [];
  } catch {
    return [];
  }
}

async function compare(target, people, truth, fail, where) {
  let same = 0;
  let refused = 0;
  for (const person of people) {
    try {
      const shown = await read(target, person);
      for (const [id, text] of truth.get(person.id)) {
        if (!shown.has(id)) fail(`${where}: message ${id} of box ${person.id} is not shown`);
        else if (shown.get(id) !== text) fail(`${where}: message ${id} of box ${person.id} is shown as "${shown.get(id)}" instead of "${text}"`);
        else same += 1;
      }
    } catch {
      refused += 1;
    }
  }
  return { same, refused };
}
