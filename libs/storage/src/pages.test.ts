import { openMemoryStorage } from './memory';
import { pages } from './pages';
import { deleteOperation, putOperation, type Storage } from './storage';
import { defineTable } from './table';

const table = defineTable({ name: 'paged', keyspace: 'dc', partition: { p: 'int' }, clustering: { a: 'int', b: { type: 'text', order: 'desc' } }, columns: { v: 'int' }, writes: 'plain' });

describe('pages', () => {
  let storage: Storage;
  beforeEach(async () => {
    storage = await openMemoryStorage();
    await storage.ensureTables([table]);
    for (const [p, count] of [[1, 6], [2, 7], [3, 0]] as const) {
      await storage.batch(Array.from({ length: count }, (_, n) => putOperation(table, { p, a: n >> 1, b: n % 2 === 0 ? 'z' : 'y', v: n })));
    }
  });
  afterEach(() => storage.close());

  const read = async (p: number, query: Omit<Parameters<typeof pages<typeof table>>[3], 'limit'> = {}): Promise<(number | null)[][]> => {
    const found: (number | null)[][] = [];
    for await (const page of pages(storage, table, { p }, { ...query, limit: 3 })) found.push(page.map(({ v }) => v));
    return found;
  };

  it('are all rows once and in order, also where ties end a page, and none is empty', async () => {
    expect(await read(1)).toEqual([[0, 1, 2], [3, 4, 5]]);
    expect(await read(2)).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(await read(3)).toEqual([]);
  });

  it('keep to the bounds', async () => {
    expect(await read(2, { from: { a: 0 }, fromExclusive: true, to: { a: 2 } })).toEqual([[2, 3, 4], [5]]);
  });

  it('go on behind what was removed from the page before', async () => {
    const seen: (number | null)[] = [];
    for await (const page of pages(storage, table, { p: 2 }, { limit: 3 })) {
      seen.push(...page.map(({ v }) => v));
      await storage.batch(page.map(({ p, a, b }) => deleteOperation(table, { p, a, b })));
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(await read(2)).toEqual([]);
  });
});
