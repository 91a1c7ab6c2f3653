import type { types } from 'cassandra-driver';
import type { ColumnType } from './table';

/** CQL type of each column type. `int` and `long` are both bigint, so a column may move from one to the other. */
export const CQL_TYPES: Readonly<Record<ColumnType, string>> = { int: 'bigint', long: 'bigint', text: 'text', bytes: 'blob', bool: 'boolean', double: 'double' };

/** A bound value: encoded, null (erases the column) or `unset` (leaves the column as it is). */
export type BoundValue = Buffer | null | typeof types.unset;

const WORD = 2 ** 32;
const TRUE = Buffer.from([1]);
const FALSE = Buffer.from([0]);

/**
 * A value as the native protocol has it. The driver passes Buffers on as they are, so nothing is converted twice, and `bytes` are copied
 * now: the caller may change its array as soon as the call returns.
 */
export function encodeValue(type: ColumnType, value: unknown): Buffer {
  switch (type) {
    case 'int': return encodeInt(value as number);
    case 'long': {
      const buffer = Buffer.allocUnsafe(8);
      buffer.writeBigInt64BE(value as bigint);
      return buffer;
    }
    case 'text': return Buffer.from(value as string);
    case 'bytes': return Buffer.from(value as Uint8Array);
    case 'bool': return value === true ? TRUE : FALSE;
    case 'double': {
      const buffer = Buffer.allocUnsafe(8);
      // −0 is 0 to every condition, so it is stored as 0.
      buffer.writeDoubleBE(value === 0 ? 0 : (value as number));
      return buffer;
    }
  }
}

function encodeInt(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(8);
  buffer.writeInt32BE(Math.floor(value / WORD), 0);
  buffer.writeUInt32BE(value >>> 0, 4);
  return buffer;
}

/** CQL's int: LIMIT and TTL. */
export function encodeInt32(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(4);
  buffer.writeInt32BE(value, 0);
  return buffer;
}

/** A list of encoded values, as `IN ?` takes it. */
export function encodeList(values: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [encodeInt32(values.length)];
  for (const value of values) parts.push(encodeInt32(value.length), value);
  return Buffer.concat(parts);
}

/** A value as the driver decoded it, in the port's type. `bytes` are a copy of exactly their size, so that no frame is kept alive. */
export function decodeValue(type: ColumnType, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (type) {
    case 'int': return (value as types.Long).toNumber();
    case 'long': {
      const { high, low } = value as types.Long;
      return (BigInt(high) << 32n) | BigInt(low >>> 0);
    }
    case 'bytes': return new Uint8Array(value as Buffer);
    default: return value;
  }
}

/**
 * A partition key of one text or blob column: Cassandra refuses an empty one, so '' is stored as one zero, and what begins with a zero
 * gets another in front. Every other key stands as it is.
 */
export function escapePartition(encoded: Buffer): Buffer {
  return encoded.length === 0 || encoded[0] === 0 ? Buffer.concat([FALSE, encoded]) : encoded;
}
