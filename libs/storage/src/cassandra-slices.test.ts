import { array, assert, boolean, constantFrom, integer, option, property, tuple } from 'fast-check';
import { type Bound, cutIntoSlices, type OrderedColumn, type Slice } from './cassandra-slices';

const ints = (...descending: boolean[]): OrderedColumn[] => descending.map((each) => ({ type: 'int', descending: each }));
const compareIn = (columns: readonly OrderedColumn[], left: readonly number[], right: readonly number[]): number => {
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = (left[i] as number) - (right[i] as number);
    if (order !== 0) return columns[i]?.descending ? -order : order;
  }
  return 0;
};

/** What CQL makes of a slice: tuples are compared by value, whatever the clustering order. */
function selects(columns: readonly OrderedColumn[], slice: Slice, row: readonly number[]): boolean {
  const depth = slice.equal.length;
  if (slice.equal.some((value, index) => row[index] !== value)) return false;
  const byValue = (values: readonly unknown[]): number => {
    for (const [index, value] of values.entries()) {
      const order = (row[depth + index] as number) - (value as number);
      if (order !== 0) return order;
    }
    return 0;
  };
  const descending = columns[depth]?.descending === true;
  const side = (bound: Bound, after: boolean): boolean => {
    if (bound.values.length === 0) return true;
    const order = byValue(bound.values);
    return order === 0 ? bound.inclusive : order > 0 === (after !== descending);
  };
  return side(slice.lower, true) && side(slice.upper, false);
}

const all: number[][] = [];
for (const a of [0, 1, 2]) for (const b of [0, 1, 2]) for (const c of [0, 1, 2]) all.push([a, b, c]);

const value = integer({ min: 0, max: 2 });
const bound = option(tuple(array(value, { minLength: 1, maxLength: 3 }), boolean()), { nil: undefined });
const orders = tuple(boolean(), boolean(), boolean());

test('slices, one after the other, are exactly the range, in clustering order', () => assert(property(orders, bound, bound, (descending, from, to) => {
  const columns = ints(...descending);
  const expected = all.filter((row) => {
    const after = from === undefined ? 1 : compareIn(columns, row, from[0]);
    const before = to === undefined ? -1 : compareIn(columns, row, to[0]);
    return (after > 0 || (after === 0 && from?.[1] === true)) && (before < 0 || (before === 0 && to?.[1] === true));
  }).sort((left, right) => compareIn(columns, left, right));
  const slices = cutIntoSlices(columns, from && { values: from[0], inclusive: from[1] }, to && { values: to[0], inclusive: to[1] });
  const read = slices.flatMap((slice) => all.filter((row) => selects(columns, slice, row)).sort((left, right) => compareIn(columns, left, right)));
  expect(read).toEqual(expected);
}), { numRuns: 3_000 }));

test('a tuple never mixes orders, and one order needs one slice', () => assert(property(orders, bound, bound, (descending, from, to) => {
  const columns = ints(...descending);
  const slices = cutIntoSlices(columns, from && { values: from[0], inclusive: from[1] }, to && { values: to[0], inclusive: to[1] });
  for (const slice of slices) {
    const depth = Math.max(slice.lower.values.length, slice.upper.values.length);
    const used = descending.slice(slice.equal.length, slice.equal.length + depth);
    expect(new Set(used).size).toBeLessThanOrEqual(1);
  }
  if (new Set(descending).size === 1) expect(slices.length).toBeLessThanOrEqual(1);
})));

test.each<[OrderedColumn['type'], unknown, unknown]>([
  ['text', '\uffff', '🙂'], ['long', -(2n ** 63n), 1n], ['bytes', Uint8Array.of(0), Uint8Array.of(0, 0)], ['bool', false, true], ['double', -Infinity, 0],
])('bounds of %s are compared as Cassandra sorts them', (type, small, large) => {
  const columns: OrderedColumn[] = [{ type, descending: false }];
  const range = (from: unknown, to: unknown): number => cutIntoSlices(columns, { values: [from], inclusive: true }, { values: [to], inclusive: true }).length;
  expect([range(small, large), range(small, small), range(large, small)]).toEqual([1, 1, 0]);
});

test('one whole key is one equality', () => assert(property(constantFrom(...all), (row) => {
  const [slice] = cutIntoSlices(ints(false, true, false), { values: row, inclusive: true }, { values: row, inclusive: true });
  expect(slice).toEqual({ equal: row, lower: { values: [], inclusive: true }, upper: { values: [], inclusive: true } });
})));
