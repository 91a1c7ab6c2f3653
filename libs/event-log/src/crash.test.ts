import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Row } from '@heliograph/storage/table';
import { META, PAGE_HEADER_BYTES } from '@heliograph/storage/tree-file';
import { CRASH_PARTITIONS, crashRows, crashTopic, fillOf } from './crash-facts';
import { openEmbedded } from './embedded';

const child = join(__dirname, '../dist/crash-child.js');
const KILLS = 10;
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

let folder: string;
beforeEach(() => {
  if (!existsSync(child)) throw new Error(`${child} is not built: run node tools/build.mjs`);
  folder = mkdtempSync(join(tmpdir(), 'heliograph-crash-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the process until it has acknowledged `count` writes, kills it, and answers all that it acknowledged. */
async function runAndKill(seed: number, count: number): Promise<[partition: number, offset: bigint][]> {
  const process_: ChildProcess = spawn(process.execPath, [child, folder, String(seed)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: [number, bigint][] = [];
  const ended = new Promise((resolve) => process_.once('close', (code, signal) => resolve(signal ?? `code ${code}`)));
  for await (const line of createInterface({ input: process_.stdout as NodeJS.ReadableStream })) {
    if (line === 'open') continue;
    const [partition, offset] = line.split(' ');
    // The last line may be cut.
    if (offset === undefined) continue;
    acknowledged.push([Number(partition), BigInt(offset)]);
    if (acknowledged.length === count) process_.kill('SIGKILL');
  }
  expect(await ended).toBe('SIGKILL');
  return acknowledged;
}

/** Everything acknowledged is there, and nothing is there that does not follow from the log. */
async function check(acknowledged: readonly [number, bigint][]): Promise<void> {
  const { storage, eventLog } = await openEmbedded({ folder: join(folder, 'dc2'), directory: join(folder, 'directory') });
  await storage.ensureTables([crashRows]);
  await eventLog.ensureTopics([crashTopic]);
  for (let partition = 0; partition < CRASH_PARTITIONS; partition++) {
    const { earliest, next } = await eventLog.bounds(crashTopic, partition);
    expect(earliest).toBe(0n);
    for (let from = 0n; from < next;) {
      const records = await eventLog.read(crashTopic, partition, from, 1000);
      for (const record of records) {
        expect(record.offset).toBe(from);
        if (Buffer.compare(record.value, fillOf(partition, from)) !== 0) throw new Error(`record ${partition}/${from} is not the one that was appended`);
        from += 1n;
      }
    }
    for (const [of, offset] of acknowledged) if (of === partition && offset >= next) throw new Error(`acknowledged record ${partition}/${offset} is lost; the log ends at ${next}`);
    const rows: Row<typeof crashRows>[] = [];
    for (let after = -1; ; after = rows[rows.length - 1]?.id as number) {
      const page = await storage.range(crashRows, { partition }, { from: { kind: 1, id: after }, fromExclusive: true, limit: 1000 });
      if (page.length === 0) break;
      rows.push(...page);
    }
    const ids = new Set(rows.map(({ id }) => id));
    for (const [of, offset] of acknowledged) if (of === partition && !ids.has(Number(offset))) throw new Error(`acknowledged row ${partition}/${offset} is lost`);
    for (const { id, body } of rows) {
      if (BigInt(id) >= next) throw new Error(`row ${partition}/${id} is there and its record is not; the log ends at ${next}`);
      if (Buffer.compare(body as Uint8Array, fillOf(partition, BigInt(id))) !== 0) throw new Error(`row ${partition}/${id} is not what was written`);
    }
    const newest = await storage.get(crashRows, { partition, kind: 0, id: 0 });
    if (rows.length > 0) expect(Number(Buffer.from(newest?.body as Uint8Array).toString())).toBe(Math.max(...ids));
    const position = await eventLog.findPosition('group', crashTopic, partition);
    if (position !== undefined) expect(position).toBeLessThanOrEqual(next);
  }
  await eventLog.close();
  await storage.close();
}

test(`kill −9 at any moment loses nothing acknowledged (SEED=${SEED})`, async () => {
  const acknowledged: [number, bigint][] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    acknowledged.push(...await runAndKill(SEED + kill, 20 + ((SEED * 31 + kill * 97) % 700)));
    // Every other time the next process finds the folder as the killed one left it.
    if (kill % 2 === 1) await check(acknowledged);
  }
  expect(acknowledged.length).toBeGreaterThan(KILLS * 20 - 1);
}, 120_000);

test(`a machine that restarts with the newest tree written in parts loses nothing acknowledged (SEED=${SEED})`, async () => {
  const acknowledged: [number, bigint][] = [];
  for (let kill = 0; kill < 4; kill++) {
    acknowledged.push(...await runAndKill(SEED + kill, 1_500));
    const owner = join(folder, 'dc2', 'owner.json');
    writeFileSync(owner, JSON.stringify({ ...JSON.parse(readFileSync(owner, 'utf8')) as object, boot: 'another' }));
    tearNewestTree(join(folder, 'dc2', 'data.mdb'));
    await check(acknowledged);
  }
}, 120_000);

/**
 * Makes unreadable what a machine that lost its power may not have written: every page of the newest tree's transaction, and of
 * one that was being committed after it. What was flushed before is left.
 */
function tearNewestTree(path: string): void {
  const bytes = readFileSync(path);
  const pageSize = bytes.readUInt32LE(PAGE_HEADER_BYTES + META.pageSize);
  const transactionOf = (page: number): bigint => bytes.readBigUInt64LE(page * pageSize + PAGE_HEADER_BYTES + META.transaction);
  const newest = transactionOf(0) > transactionOf(1) ? transactionOf(0) : transactionOf(1);
  let torn = 0;
  for (let page = 2; page * pageSize < bytes.length; page++) {
    const at = page * pageSize;
    const writtenBy = bytes.readBigUInt64LE(at + 8);
    if (bytes.readBigUInt64LE(at) !== BigInt(page) || writtenBy < newest || writtenBy > newest + 1n) continue;
    bytes.fill(0xee, at, at + pageSize);
    torn += 1;
  }
  expect(torn).toBeGreaterThan(0);
  writeFileSync(path, bytes);
}
