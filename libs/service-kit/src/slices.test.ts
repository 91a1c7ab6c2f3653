import { USER_SLICES } from './limits';
import { holderOfSlice, sliceOf } from './slices';

const all = Array.from({ length: USER_SLICES }, (_, slice) => slice);
const holders = (live: number[], replicas: number): (number | undefined)[] => all.map((slice) => holderOfSlice(slice, live, replicas));

describe('slices', () => {
  test('keys of one DC spread over all slices', () => {
    const counts = new Map<number, number>();
    for (let n = 0; n < 16_000; n += 1) {
      const slice = sliceOf((2 ** 20 + n) * 32 + 2);
      counts.set(slice, (counts.get(slice) ?? 0) + 1);
    }
    expect(counts.size).toBe(USER_SLICES);
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(250);
  });

  test('the slice of a key never changes', () => {
    expect([34_000_002, 34_000_034, 34_000_066, 2 ** 40 - 30, -997_852_516_351].map((key) => sliceOf(key))).toEqual([12, 13, 5, 9, 12]);
  });

  test('each slice has its home while that replica lives, and the slices are even', () => {
    expect(holders([0, 1], 2)).toEqual(all.map((slice) => slice % 2));
    expect(holders([0, 1, 2], 3)).toEqual(all.map((slice) => slice % 3));
  });

  test('a dead replica’s slices are spread over the others, and no other slice moves', () => {
    const before = holders([0, 1, 2], 3);
    const after = holders([0, 2], 3);
    for (const slice of all) if (before[slice] !== 1) expect(after[slice]).toBe(before[slice]);
    const inherited = all.filter((slice) => before[slice] === 1).map((slice) => after[slice]);
    expect(new Set(inherited)).toEqual(new Set([0, 2]));
  });

  test('one that lives holds all; none holds nothing', () => {
    expect(new Set(holders([1], 2))).toEqual(new Set([1]));
    expect(new Set(holders([], 2))).toEqual(new Set([undefined]));
  });
});
