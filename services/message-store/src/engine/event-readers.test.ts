import { EventReaders } from './event-readers';
import { READER_AVOIDED_MS } from './limits';

it('hands a slice to its home, and while that can not be reached to whoever gateways take it from', async () => {
  let now = 1_000;
  const replicas = ['a', 'b', 'c'];
  const readers = new EventReaders(() => replicas, { now: () => now });
  const slices = [0, 1, 2, 3, 4, 5];
  const owners = (): (number | undefined)[] => slices.map((slice) => readers.ownerOf(slice));
  expect(owners()).toEqual([0, 1, 2, 0, 1, 2]);
  const brought: string[] = [];
  await readers.bring(2, async (to) => void brought.push(to));
  expect(brought).toEqual(['c']);
  await expect(readers.bring(1, () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  // As holderOfSlice of those that live, 0 and 2.
  expect(owners()).toEqual([0, 0, 2, 0, 2, 2]);
  now += READER_AVOIDED_MS;
  expect(owners()).toEqual([0, 1, 2, 0, 1, 2]);
});

it('knows nobody where there is nobody', async () => {
  const readers = new EventReaders<string>(() => [], { now: () => 0 });
  expect(readers.ownerOf(3)).toBeUndefined();
  await readers.bring(0, () => Promise.reject(new Error('never called')));
});
