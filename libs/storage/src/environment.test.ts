import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStorage } from './embedded';
import { Environment } from './environment';
import { StorageUnavailable } from './errors';
import { CHECKPOINT_JOURNAL_BYTES, JOURNAL_SEGMENT_BYTES_MAX, SWEEP_ROWS_MAX } from './limits';
import { ManualClock } from './manual-clock';
import type { Storage } from './storage';
import { defineTable } from './table';
import { EXPIRY_TAG, ROW_TAG } from './table-codec';

type Files = typeof import('node:fs');
jest.mock('node:fs', () => ({ ...jest.requireActual<Files>('node:fs') }));
/** The functions that the environment calls, open to spies. */
const files = jest.requireMock<Files>('node:fs');

const rows = defineTable({ name: 'rows', keyspace: 'dc', partition: { id: 'int' }, clustering: {}, columns: { body: 'bytes' }, writes: 'conditional' });

let folder: string;
let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
  folder = mkdtempSync(join(tmpdir(), 'heliograph-environment-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const dc = (): string => join(folder, 'dc2');
async function open(): Promise<{ storage: Storage; environment: Environment }> {
  const opened = await openEmbeddedStorage({ folder: dc(), directory: join(folder, 'directory'), clock });
  await opened.storage.ensureTables([rows]);
  return opened;
}
const body = (id: number, length = 100): Uint8Array => Buffer.alloc(length, `${id};`);

test('a folder that another process has open is refused with that process’s number', async () => {
  const { storage } = await open();
  await storage.close();
  const other = spawn(process.execPath, ['-e', `
    const { Environment } = require(${JSON.stringify(join(__dirname, '../dist/environment.js'))});
    Environment.open(${JSON.stringify(dc())}).then(() => { console.log('open'); setInterval(() => {}, 1000); });
  `], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => other.stdout.once('data', resolve));
  await expect(open()).rejects.toThrow(new RegExp(`in use by process ${other.pid}: stop that one first`));
  const ended = new Promise((resolve) => other.once('exit', resolve));
  other.kill('SIGKILL');
  await ended;
  const again = await open();
  await again.storage.close();
});

test('a folder that this process has open is refused outside of sharing', async () => {
  const { storage } = await open();
  await expect(Environment.open(dc(), clock)).rejects.toThrow(/in use by process/);
  await storage.close();
  expect(existsSync(join(dc(), 'owner.json'))).toBe(false);
});

test('a folder that cannot be made is refused with what to do', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(Environment.open(join(folder, 'file', 'dc2'), clock)).rejects.toThrow(/check that it exists and belongs to this user/);
});

describe('a damaged folder is refused with what to do, and stays as it is', () => {
  const damages: [string, () => void][] = [
    ['no tree', () => writeFileSync(join(dc(), 'data.mdb'), 'x'.repeat(100_000))],
    ['a short tree', () => writeFileSync(join(dc(), 'data.mdb'), 'x')],
    ['a cut tree', () => truncateSync(join(dc(), 'data.mdb'), 8192)],
    ['a tree of other bytes', () => {
      const path = join(dc(), 'data.mdb');
      writeFileSync(path, readFileSync(path).fill(0xaa, 8192));
    }],
  ];
  test.each(damages)('%s', async (_name, damage) => {
    const { storage } = await open();
    for (let id = 0; id < 2000; id++) void storage.put(rows, { id, body: body(id) });
    await storage.close();
    damage();
    const before = readdirSync(dc()).sort();
    const failure = await open().then(async (opened) => opened.storage.get(rows, { id: 1 }), (error: unknown) => error).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StorageUnavailable);
    expect((failure as Error).message).toMatch(/damaged .*: restore the folder from a backup, or move it away to start empty/);
    expect(readdirSync(dc()).sort()).toEqual(before);
  });

  test('a journal with a hole', async () => {
    const { storage } = await open();
    for (let id = 0; id < 50; id++) await storage.put(rows, { id, body: body(id) });
    const copy = readdirSync(dc()).map((name) => [name, readFileSync(join(dc(), name))] as const);
    await storage.close();
    for (const [name, bytes] of copy) writeFileSync(join(dc(), name), bytes);
    // As a killed process left it, but for one byte in the middle. What follows stands in a file of its own.
    const journal = join(dc(), 'journal-0000');
    const bytes = readFileSync(journal);
    const groups: number[] = [];
    for (let at = 0; bytes.readUInt32BE(at) !== 0; at += 24 + bytes.readUInt32BE(at + 4)) groups.push(at);
    const [cut, from] = [groups[20] as number, groups[21] as number];
    const tail = Buffer.alloc(bytes.length);
    bytes.copy(tail, 0, from);
    writeFileSync(join(dc(), 'journal-0001'), tail);
    bytes[cut + 30] = ~(bytes[cut + 30] as number);
    bytes.fill(0, from);
    writeFileSync(journal, bytes);
    writeFileSync(join(dc(), 'owner.json'), JSON.stringify({ pid: 0, started: '', boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() }));
    await expect(open()).rejects.toThrow(/journal .* is damaged: group \d+ is missing and \d+ is there; restore/);
  });
});

/** Puts files of a folder back as a killed process left them. @param boot of the machine; another one than now is a power cut */
function leave(files: readonly (readonly [string, Buffer])[], boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()): void {
  for (const name of readdirSync(dc())) rmSync(join(dc(), name));
  for (const [name, bytes] of files) writeFileSync(join(dc(), name), bytes);
  writeFileSync(join(dc(), 'owner.json'), JSON.stringify({ pid: 0, started: '', boot }));
}
const filesNow = (): (readonly [string, Buffer])[] => readdirSync(dc()).map((name) => [name, readFileSync(join(dc(), name))] as const);

test.each([['its content', 40], ['its length', 6], ['its magic number', 1], ['its sequence', 23]])('a journal with a flipped bit in a group, in %s, is refused, not cut off there', async (_, offset) => {
  const { storage } = await open();
  for (let id = 0; id < 50; id++) await storage.put(rows, { id, body: body(id) });
  const copy = filesNow();
  await storage.close();
  const journal = copy.find(([name]) => name === 'journal-0000')?.[1] as Buffer;
  const groups: number[] = [];
  for (let at = 0; journal.readUInt32BE(at) !== 0; at += 24 + journal.readUInt32BE(at + 4)) groups.push(at);
  for (const group of [0, 20, groups.length - 2]) {
    const at = (groups[group] as number) + offset;
    journal[at] = (journal[at] as number) ^ 0x10;
    leave(copy);
    await expect(open()).rejects.toThrow(/journal .* is damaged: group \d+ is missing and \d+ is there; restore/);
    journal[at] = (journal[at] as number) ^ 0x10;
  }
  leave(copy);
  const sound = await open();
  expect(await sound.storage.get(rows, { id: 49 })).toMatchObject({ id: 49 });
  await sound.storage.close();
});

test.each([0, 1, 2])('a power cut soon after a start that replayed the journal loses nothing (%s checkpoints before)', async (checkpoints) => {
  const first = await open();
  for (let id = 0; id < 50; id++) {
    await first.storage.put(rows, { id, body: body(id) });
    if (id % 10 === 9 && id / 10 < checkpoints) await first.environment.checkpoint();
  }
  const killed = filesNow();
  await first.storage.close();
  leave(killed);
  const second = await open();
  for (let id = 50; id < 60; id++) await second.storage.put(rows, { id, body: body(id) });
  const cut = filesNow();
  await second.storage.close();
  leave(cut, 'before');
  const third = await open();
  for (let id = 0; id < 60; id++) expect(await third.storage.get(rows, { id })).toMatchObject({ id });
  await third.storage.close();
});

test('a group that was not written out fully is the journal’s end', async () => {
  const { storage } = await open();
  for (let id = 0; id < 50; id++) await storage.put(rows, { id, body: body(id) });
  const copy = readdirSync(dc()).map((name) => [name, readFileSync(join(dc(), name))] as const);
  await storage.close();
  for (const [name, bytes] of copy) {
    if (name === 'journal-0000') {
      let last = 0;
      for (let at = 0; bytes.readUInt32BE(at) !== 0; at += 24 + bytes.readUInt32BE(at + 4)) last = at;
      bytes.fill(0, last + 60);
    }
    writeFileSync(join(dc(), name), bytes);
  }
  writeFileSync(join(dc(), 'owner.json'), JSON.stringify({ pid: 0, started: '', boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() }));
  const again = await open();
  expect(await again.storage.get(rows, { id: 48 })).toMatchObject({ id: 48 });
  expect(await again.storage.get(rows, { id: 49 })).toBeUndefined();
  await again.storage.put(rows, { id: 49, body: body(7) });
  await again.storage.close();
});

test('a full disk fails what was not acknowledged, everything after, and says what to do; the next start has all that was', async () => {
  const { storage, environment } = await open();
  const failures: StorageUnavailable[] = [];
  environment.onFailure((error) => failures.push(error));
  await storage.put(rows, { id: 1, body: body(1) });
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  jest.spyOn(files, 'write').mockImplementation(((...parameters: unknown[]) => (parameters.at(-1) as (error: Error) => void)(full)) as unknown as typeof files.write);
  const lost = [storage.put(rows, { id: 2, body: body(2) }), storage.put(rows, { id: 3, body: body(3) })];
  for (const { reason } of (await Promise.allSettled(lost)) as PromiseRejectedResult[]) {
    expect(reason).toBeInstanceOf(StorageUnavailable);
    expect((reason as Error).message).toMatch(/the disk of .* is full: free some space and start again/);
  }
  await expect(storage.put(rows, { id: 4 })).rejects.toBeInstanceOf(StorageUnavailable);
  await expect(storage.get(rows, { id: 1 })).rejects.toBeInstanceOf(StorageUnavailable);
  expect(failures).toHaveLength(1);
  jest.restoreAllMocks();
  await storage.close();
  const again = await open();
  expect((await again.storage.get(rows, { id: 1 }))?.body).toEqual(new Uint8Array(body(1)));
  await again.storage.close();
});

test('what is written in one turn, and while a flush runs, is one write each', async () => {
  const { storage } = await open();
  const write = jest.spyOn(files, 'write');
  const first = Array.from({ length: 100 }, (_, id) => storage.put(rows, { id, body: body(id) }));
  expect(new Set(first).size).toBe(1);
  await new Promise((resolve) => setImmediate(resolve));
  for (let id = 100; id < 200; id++) {
    void storage.put(rows, { id, body: body(id) });
    await Promise.resolve();
  }
  await storage.put(rows, { id: 200, body: body(200) });
  expect(write).toHaveBeenCalledTimes(2);
  await storage.close();
});

test('the journal’s files are used anew, so the folder does not grow with the writes', async () => {
  const { storage } = await open();
  let most = 0;
  for (let round = 0; round < 60; round++) {
    const puts = Array.from({ length: 10 }, (_, id) => storage.put(rows, { id, body: body(id, 100_000) }));
    await Promise.all(puts);
    await clock.advance(round % 5 === 0 ? 2_000 : 0);
    const journals = readdirSync(dc()).filter((name) => name.startsWith('journal-'));
    most = Math.max(most, journals.reduce((sum, name) => sum + statSync(join(dc(), name)).size, 0));
  }
  expect(most).toBeLessThan(3 * CHECKPOINT_JOURNAL_BYTES + 2 * JOURNAL_SEGMENT_BYTES_MAX);
  await storage.close();
  const again = await open();
  expect((await again.storage.get(rows, { id: 9 }))?.body).toHaveLength(100_000);
  await again.storage.close();
});

test('sweeping takes what expired out of the tree, a bounded number at a time', async () => {
  const { storage, environment } = await open();
  const count = (tag: number): number => {
    let keys = 0;
    environment.range(Buffer.from([tag]), Buffer.from([tag + 1]), false, () => {
      keys += 1;
      return true;
    });
    return keys;
  };
  const total = SWEEP_ROWS_MAX + 100;
  await Promise.all(Array.from({ length: total }, (_, id) => storage.put(rows, { id, body: body(id) }, { ttlSeconds: 10 })));
  await storage.put(rows, { id: total, body: body(total) });
  expect([count(ROW_TAG), count(EXPIRY_TAG)]).toEqual([total + 1, total]);
  await clock.advance(10_000);
  expect([count(ROW_TAG), count(EXPIRY_TAG)]).toEqual([101, 100]);
  await clock.advance(1_000);
  expect([count(ROW_TAG), count(EXPIRY_TAG)]).toEqual([1, 0]);
  await storage.close();
});

test('two data centers of one process share the directory', async () => {
  const one = await openEmbeddedStorage({ folder: join(folder, 'dc1'), directory: join(folder, 'directory'), clock });
  const two = await openEmbeddedStorage({ folder: join(folder, 'dc2'), directory: join(folder, 'directory'), clock });
  const usernames = defineTable({ name: 'usernames', keyspace: 'directory', partition: { name: 'text' }, clustering: {}, columns: { owner: 'int' }, writes: 'conditional' });
  const own = defineTable({ name: 'own', keyspace: 'dc', partition: { id: 'int' }, clustering: {}, columns: {}, writes: 'plain' });
  for (const { storage } of [one, two]) await storage.ensureTables([usernames, own]);
  const claims = await Promise.all([one.storage.insertIfAbsent(usernames, { name: 'alice', owner: 1 }), two.storage.insertIfAbsent(usernames, { name: 'alice', owner: 2 })]);
  expect(claims.map(({ applied }) => applied)).toEqual([true, false]);
  await one.storage.put(own, { id: 1 });
  expect(await two.storage.get(own, { id: 1 })).toBeUndefined();
  await one.storage.close();
  expect(await two.storage.get(usernames, { name: 'alice' })).toMatchObject({ owner: 1 });
  await two.storage.close();
});

test('when the disk can’t keep up writes are refused, reads are not, and it recovers', async () => {
  const { storage } = await open();
  const held: (() => void)[] = [];
  const write = files.write;
  jest.spyOn(files, 'write').mockImplementation(((...parameters: Parameters<Files['write']>) => held.push(() => write(...parameters))) as unknown as Files['write']);
  const puts = [storage.put(rows, { id: 0, body: body(0) })];
  await new Promise((resolve) => setImmediate(resolve));
  const large = body(1, 4_000_000);
  let refused: unknown;
  for (let id = 1; id < 100 && refused === undefined; id++) {
    const put = storage.put(rows, { id, body: large });
    puts.push(put.catch((error: unknown) => {
      refused = error;
    }));
    await Promise.resolve();
    await Promise.resolve();
  }
  expect((refused as Error).message).toMatch(/wait for the disk/);
  expect(await storage.get(rows, { id: 0 })).toMatchObject({ id: 0 });
  jest.restoreAllMocks();
  for (const go of held) go();
  await Promise.all(puts);
  await storage.put(rows, { id: 1000, body: body(1) });
  await storage.close();
});
