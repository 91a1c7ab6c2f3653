import { create } from '@bufbuild/protobuf';
import { MessageRecordSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import fc from 'fast-check';
import { type PageRequest, type PageSource, readPage, versionOffset } from './page';

/** Ids of a chat, rising, as a source of pages that reads in small slices. */
const sourceOf = (ids: readonly number[]): PageSource => async ({ maxId, minId, limit, oldestFirst }) => {
  const falling = ids.filter((id) => id > minId && (maxId <= 0 || id < maxId)).sort((a, b) => b - a);
  return (oldestFirst ? falling.slice(Math.max(0, falling.length - limit)) : falling.slice(0, limit)).map((id) => create(MessageRecordSchema, { id }));
};

const page = async (ids: readonly number[], request: Partial<PageRequest>): Promise<number[]> =>
  (await readPage(sourceOf(ids), { offset_id: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, ...request })).map((record) => record.id);

const TEN = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

test.each<[name: string, request: Partial<PageRequest>, expected: number[]]>([
  ['the newest', { limit: 3 }, [100, 90, 80]],
  ['below an id', { offset_id: 50, limit: 3 }, [40, 30, 20]],
  ['below an id that is not there', { offset_id: 55, limit: 3 }, [50, 40, 30]],
  ['past some', { offset_id: 80, add_offset: 2, limit: 3 }, [50, 40, 30]],
  ['around an id', { offset_id: 50, add_offset: -3, limit: 5 }, [70, 60, 50, 40, 30]],
  ['above an id, as clients walk towards the newest', { offset_id: 51, add_offset: -4, limit: 4 }, [90, 80, 70, 60]],
  ['above the last but one: no older ones are mixed in', { offset_id: 91, add_offset: -4, limit: 4 }, [100]],
  ['from the very first', { offset_id: 1, add_offset: -3, limit: 3 }, [30, 20, 10]],
  ['farther above than the page is long', { offset_id: 10, add_offset: -5, limit: 2 }, [50, 40]],
  ['before the newest there is nothing', { add_offset: -5, limit: 8 }, [100, 90, 80]],
  ['bounded by max_id and min_id', { max_id: 90, min_id: 50 }, [80, 70, 60]],
  ['towards the newest within bounds', { offset_id: 1, add_offset: -3, limit: 3, min_id: 50 }, [80, 70, 60]],
  ['past the end', { add_offset: 20, limit: 5 }, []],
  ['nothing asked', { limit: 0 }, []],
])('%s', async (_name, request, expected) => {
  expect(await page(TEN, request)).toEqual(expected);
});

test('a page holds the places that it asks for, whatever the chat', async () => {
  await fc.assert(fc.asyncProperty(
    fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 350 }),
    fc.record({ offset_id: fc.integer({ min: 0, max: 420 }), add_offset: fc.integer({ min: -250, max: 250 }), limit: fc.integer({ min: 0, max: 100 }), max_id: fc.integer({ min: 0, max: 420 }), min_id: fc.integer({ min: 0, max: 420 }) }),
    async (ids, request) => {
      const bounded = ids.filter((id) => id > request.min_id && (request.max_id === 0 || id < request.max_id)).sort((a, b) => b - a);
      const anchor = request.offset_id === 0 ? 0 : bounded.filter((id) => id >= request.offset_id).length;
      const start = anchor + request.add_offset;
      expect(await page(ids, request)).toEqual(bounded.slice(Math.max(0, start), Math.max(0, start + request.limit)));
    },
  ), { numRuns: 300 });
});

test('an offset beyond the limit is refused', async () => {
  await expect(page(TEN, { add_offset: 10_001 })).rejects.toThrow('OFFSET_INVALID');
  await expect(page(TEN, { add_offset: -10_001 })).rejects.toThrow('OFFSET_INVALID');
});

test('an offset that names a version is one, or is refused', () => {
  expect(['', '0', '17', String(2n ** 63n - 1n)].map(versionOffset)).toEqual([0n, 0n, 17n, 2n ** 63n - 1n]);
  for (const offset of ['-1', '1x', ' ', String(2n ** 63n), '9'.repeat(19), '1'.repeat(20)]) expect(() => versionOffset(offset)).toThrow('OFFSET_INVALID');
});
