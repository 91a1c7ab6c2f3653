import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Environment } from './environment';
import { ManualClock } from './manual-clock';
import { META, PAGE_HEADER_BYTES, prepareTree } from './tree-file';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'heliograph-tree-file-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (): string => join(folder, 'data.mdb');
/** [transaction, root] of the metas, the newest first. */
function trees(): [bigint, bigint][] {
  const bytes = readFileSync(file());
  const pageSize = bytes.readUInt32LE(PAGE_HEADER_BYTES + META.pageSize);
  return [0, pageSize].map((page): [bigint, bigint] => [bytes.readBigUInt64LE(page + PAGE_HEADER_BYTES + META.transaction), bytes.readBigUInt64LE(page + PAGE_HEADER_BYTES + META.root)])
    .sort(([a], [b]) => Number(b - a));
}

/** Opens and closes `times` times: each start commits a tree. */
async function start(times: number): Promise<void> {
  for (let i = 0; i < times; i++) await (await Environment.open(folder, new ManualClock())).close();
}

test('going back makes the older tree the newest, under its own number, and doing it again changes nothing', async () => {
  await start(5);
  const [newest, older] = trees() as [[bigint, bigint], [bigint, bigint]];
  expect(newest[1]).not.toBe(older[1]);
  prepareTree(file(), false);
  expect(trees()).toEqual([newest, older]);
  prepareTree(file(), true);
  expect(trees()).toEqual([older, [older[0] - 1n, older[1]]]);
  prepareTree(file(), true);
  expect(trees()).toEqual([older, [older[0] - 1n, older[1]]]);
  await start(1);
  expect(trees()[0]?.[0]).toBe(older[0] + 1n);
});

test.each([0, 1, 2, 3])('after %i more starts going back works, from the very first tree on', async (times) => {
  await start(times + 1);
  prepareTree(file(), true);
  await start(2);
});

test('an empty file is as none', () => {
  writeFileSync(file(), '');
  prepareTree(file(), true);
  expect(readFileSync(file())).toHaveLength(0);
});
