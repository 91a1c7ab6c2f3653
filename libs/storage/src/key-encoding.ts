import type { ByteReader, ByteWriter } from './byte-writer';
import { StorageRefused } from './errors';
import type { ColumnType } from './table';

/**
 * Order-preserving key columns. Each column's encoding is self-delimiting, so that a prefix of columns is a prefix of bytes,
 * and `desc` is the complement of every byte.
 * - int, long: one byte of sign and length (0x80 + n for n ≥ 0 in n bytes, 0x7f - n below zero), then big-endian bytes
 * - text, bytes: 00 becomes 00 FF, the end is 00 01
 * - bool: 0 or 1; double: IEEE 754 with the sign folded in, 8 bytes
 */
export function writeKeyColumn(writer: ByteWriter, type: ColumnType, value: unknown, descending: boolean): void {
  const start = writer.position;
  switch (type) {
    case 'int': writeInteger(writer, value as number); break;
    case 'long': writeLong(writer, value as bigint); break;
    case 'text': writeText(writer, value as string); break;
    case 'bytes': writeEscaped(writer, value as Uint8Array); break;
    case 'bool': writer.byte(value === true ? 1 : 0); break;
    case 'double': writeDouble(writer, value as number); break;
  }
  if (descending) {
    const { bytes } = writer;
    for (let i = start; i < writer.position; i++) bytes[i] = ~(bytes[i] as number);
  }
}

const WORD = 2 ** 32;

function writeInteger(writer: ByteWriter, value: number): void {
  const negative = value < 0;
  const magnitude = negative ? -1 - value : value;
  // In two words: 32-bit arithmetic is several times as fast as that of doubles.
  const high = Math.floor(magnitude / WORD);
  const low = magnitude >>> 0;
  const length = high === 0 ? bytesOf(low) : 4 + bytesOf(high);
  const flip = negative ? 0xff : 0;
  writer.reserve(9);
  const { bytes } = writer;
  let at = writer.position;
  bytes[at++] = negative ? 0x7f - length : 0x80 + length;
  for (let shift = (length - 5) * 8; shift >= 0; shift -= 8) bytes[at++] = (high >>> shift) ^ flip;
  for (let shift = (Math.min(length, 4) - 1) * 8; shift >= 0; shift -= 8) bytes[at++] = (low >>> shift) ^ flip;
  writer.position = at;
}

/** Bytes that an unsigned 32-bit number takes; none for 0. */
const bytesOf = (word: number): number => (39 - Math.clz32(word)) >> 3;

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

function writeLong(writer: ByteWriter, value: bigint): void {
  if (value <= SAFE && value >= -SAFE) return writeInteger(writer, Number(value));
  const negative = value < 0n;
  const magnitude = negative ? -1n - value : value;
  const hex = magnitude.toString(16);
  const length = (hex.length + 1) >> 1;
  writer.reserve(9);
  const { bytes } = writer;
  bytes[writer.position] = negative ? 0x7f - length : 0x80 + length;
  let rest = magnitude;
  for (let i = writer.position + length; i > writer.position; i--) {
    const byte = Number(rest & 0xffn);
    bytes[i] = negative ? ~byte : byte;
    rest >>= 8n;
  }
  writer.position += length + 1;
}

function writeText(writer: ByteWriter, value: string): void {
  const length = Buffer.byteLength(value);
  writer.reserve(length + 2);
  const start = writer.position;
  writer.bytes.utf8Write(value, start, length);
  const zero = writer.bytes.subarray(start, start + length).indexOf(0);
  if (zero >= 0) return writeEscaped(writer, Buffer.from(value));
  writer.bytes[start + length] = 0;
  writer.bytes[start + length + 1] = 1;
  writer.position = start + length + 2;
}

function writeEscaped(writer: ByteWriter, value: Uint8Array): void {
  writer.reserve(value.length * 2 + 2);
  const { bytes } = writer;
  let position = writer.position;
  for (const byte of value) {
    bytes[position++] = byte;
    if (byte === 0) bytes[position++] = 0xff;
  }
  bytes[position++] = 0;
  bytes[position++] = 1;
  writer.position = position;
}

function writeDouble(writer: ByteWriter, value: number): void {
  writer.reserve(8);
  const { bytes, position } = writer;
  bytes.writeDoubleBE(value === 0 ? 0 : value, position);
  if ((bytes[position] as number) >= 0x80) for (let i = 0; i < 8; i++) bytes[position + i] = ~(bytes[position + i] as number);
  else bytes[position] = (bytes[position] as number) | 0x80;
  writer.position += 8;
}

/** Reads one key column and moves on. A descending column's bytes are turned in place, so `reader` must own its bytes. */
export function readKeyColumn(reader: ByteReader, type: ColumnType, descending: boolean): unknown {
  const flip = descending ? 0xff : 0;
  switch (type) {
    case 'int': return Number(readLong(reader, flip));
    case 'long': return BigInt(readLong(reader, flip));
    case 'text': return Buffer.from(readEscaped(reader, flip)).toString('utf8');
    case 'bytes': return readEscaped(reader, flip);
    case 'bool': return ((reader.byte() ^ flip) & 1) === 1;
    case 'double': return readDouble(reader, flip);
  }
}

function readLong(reader: ByteReader, flip: number): number | bigint {
  const head = reader.byte() ^ flip;
  const negative = head < 0x80;
  const length = negative ? 0x7f - head : head - 0x80;
  if (length > 6) {
    let value = 0n;
    for (let i = 0; i < length; i++) value = value * 256n + BigInt(((reader.byte() ^ flip) ^ (negative ? 0xff : 0)) & 0xff);
    return negative ? -1n - value : value;
  }
  let value = 0;
  for (let i = 0; i < length; i++) value = value * 256 + (((reader.byte() ^ flip) ^ (negative ? 0xff : 0)) & 0xff);
  return negative ? -1 - value : value;
}

function readEscaped(reader: ByteReader, flip: number): Uint8Array {
  const out: number[] = [];
  for (;;) {
    const byte = reader.byte() ^ flip;
    if (byte !== 0) {
      out.push(byte);
      continue;
    }
    if ((reader.byte() ^ flip) === 1) return Uint8Array.from(out);
    out.push(0);
  }
}

function readDouble(reader: ByteReader, flip: number): number {
  const bytes = Buffer.alloc(8);
  for (let i = 0; i < 8; i++) bytes[i] = reader.byte() ^ flip;
  if ((bytes[0] as number) >= 0x80) bytes[0] = (bytes[0] as number) & 0x7f;
  else for (let i = 0; i < 8; i++) bytes[i] = ~(bytes[i] as number);
  return bytes.readDoubleBE(0);
}

/** The smallest byte string above every string that begins with bytes[start, end); undefined if there is none. */
export function prefixEnd(bytes: Uint8Array, start: number, end: number): Buffer | undefined {
  const out = Buffer.from(bytes.subarray(start, end));
  for (let i = out.length - 1; i >= 0; i--) {
    if (out[i] !== 0xff) {
      out[i] = (out[i] as number) + 1;
      return out.subarray(0, i + 1);
    }
  }
  return undefined;
}

const LONG_MIN = -(2n ** 63n);
const LONG_MAX = 2n ** 63n - 1n;

/** Throws StorageRefused unless `value` is of that column type. */
export function checkColumn(table: string, column: string, type: ColumnType, value: unknown): void {
  const fits = type === 'int' ? Number.isSafeInteger(value)
    : type === 'long' ? typeof value === 'bigint' && value >= LONG_MIN && value <= LONG_MAX
    : type === 'text' ? typeof value === 'string'
    : type === 'bytes' ? value instanceof Uint8Array
    : type === 'bool' ? typeof value === 'boolean'
    : typeof value === 'number' && !Number.isNaN(value);
  if (!fits) throw new StorageRefused(`${table}.${column} takes ${type}, not ${value === null ? 'null' : typeof value}`);
}
