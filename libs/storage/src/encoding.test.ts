import { array, assert, bigInt, boolean, constant, double, integer, maxSafeInteger, oneof, option, property, record, string, tuple, uint8Array } from 'fast-check';
import { ByteReader, ByteWriter } from './byte-writer';
import { prefixEnd, readKeyColumn, writeKeyColumn } from './key-encoding';
import { readState, writeState } from './row-encoding';
import { mergeDelete, mergePut, emptyState, type RowState } from './row-state';
import type { ColumnType } from './table';

const long = bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const int = oneof(maxSafeInteger(), integer(), constant(0), constant(Number.MIN_SAFE_INTEGER));
const text = oneof(string({ unit: 'binary' }), string());
const real = double({ noNaN: true }).map((value) => value + 0);
const values = { int, long, text, bytes: uint8Array(), bool: boolean(), double: real } as const;
const types = Object.keys(values) as ColumnType[];

function keyOf(type: ColumnType, value: unknown, descending: boolean): Buffer {
  const writer = new ByteWriter(8);
  writeKeyColumn(writer, type, value, descending);
  return Buffer.from(writer.bytes.subarray(0, writer.position));
}

function compare(left: unknown, right: unknown): number {
  if (typeof left === 'string' && typeof right === 'string') return Buffer.compare(Buffer.from(left), Buffer.from(right));
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  return (left as number) < (right as number) ? -1 : (left as number) > (right as number) ? 1 : 0;
}

describe.each(types)('a key column of type %s', (type) => {
  const value = values[type as keyof typeof values] as ReturnType<typeof oneof<[typeof int]>>;

  test('comes back, both ways', () => assert(property(value, boolean(), (given, descending) => {
    const key = keyOf(type, given, descending);
    const reader = new ByteReader().from(key, 0, key.length);
    expect(readKeyColumn(reader, type, descending)).toEqual(given);
    expect(reader.position).toBe(key.length);
  })));

  test('sorts as its values do, and none is another’s beginning', () => assert(property(value, value, (left, right) => {
    const [a, b] = [keyOf(type, left, false), keyOf(type, right, false)];
    expect(Math.sign(Buffer.compare(a, b))).toBe(compare(left, right));
    expect(Math.sign(Buffer.compare(keyOf(type, left, true), keyOf(type, right, true)))).toBe(0 - compare(left, right));
    if (compare(left, right) !== 0) expect(a.subarray(0, b.length).equals(b)).toBe(false);
  })));
});

test('what begins with a prefix lies between it and its end', () => assert(property(uint8Array(), uint8Array(), (prefix, rest) => {
  const end = prefixEnd(prefix, 0, prefix.length);
  const key = Buffer.concat([prefix, rest]);
  expect(Buffer.compare(prefix, key)).toBeLessThanOrEqual(0);
  if (end === undefined) expect(prefix.every((byte) => byte === 0xff)).toBe(true);
  else expect(Buffer.compare(key, end)).toBe(-1);
})));

const columns: ColumnType[] = ['int', 'long', 'text', 'bytes', 'bool', 'double', 'int', 'text', 'bytes'];
const version = bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const put = record({
  version,
  expiresAt: oneof(constant(0), integer({ min: 1, max: 2 ** 31 }).map((seconds) => seconds * 1000)),
  columns: tuple(...columns.map((type) => option(oneof(constant(null), values[type as keyof typeof values] as typeof int), { nil: undefined }))),
});

function stateOf(puts: readonly { version: bigint; expiresAt: number; columns: unknown[] }[], deletedAt: bigint | undefined, versioned: boolean): RowState {
  const state = emptyState(columns.length);
  if (deletedAt !== undefined && versioned) mergeDelete(state, deletedAt);
  for (const { version: at, expiresAt, columns: given } of puts) {
    const named = given.map((value, index): [number, unknown] => [index, value]).filter(([, value]) => value !== undefined);
    mergePut(state, named, versioned ? at : 0n, expiresAt, versioned, columns);
  }
  return state;
}

test.each([true, false])('any row comes back (versioned: %p)', (versioned) => assert(property(array(put, { maxLength: 3 }), option(version, { nil: undefined }), (puts, deletedAt) => {
  const state = stateOf(puts as never, deletedAt, versioned);
  const writer = new ByteWriter(8);
  writeState(writer, columns, state, versioned);
  const read = readState(new ByteReader().from(writer.bytes, 0, writer.position), columns);
  expect(read).toEqual(state);
})));

test('the order of versioned writes does not matter', () => assert(property(array(put, { minLength: 2, maxLength: 4 }), (puts) => {
  const plain = (state: RowState): unknown => ({ ...state, marker: state.marker?.version });
  expect(plain(stateOf([...puts].reverse() as never, undefined, true))).toEqual(plain(stateOf(puts as never, undefined, true)));
})));
