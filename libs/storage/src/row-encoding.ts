import type { ByteReader, ByteWriter } from './byte-writer';
import type { Cell, RowState } from './row-state';
import { emptyState } from './row-state';
import type { ColumnType } from './table';

/**
 * A row's bytes. Nearly all rows are *uniform*: one put wrote every column that is set. Then version and expiry stand once.
 *   uniform: flags · version? · expiry? · deletedAt? · column count · mask of written columns · mask of nulls? · values
 *   mixed:   flags · deletedAt? · marker cell · cell per column; cell: state · version? · expiry? · value?
 * Versions are 8 bytes big-endian, signed with the top bit turned so that bytes compare like versions; times 6 bytes, Unix ms.
 */
export const UNIFORM = 0x01;
const EXPIRES = 0x02;
export const VERSIONED = 0x04;
const DELETED = 0x08;
const NULLS = 0x10;

const CELL_PRESENT = 0x01;
const CELL_NULL = 0x02;
const CELL_EXPIRES = 0x04;

const SIGN = 1n << 63n;
const writeVersion = (writer: ByteWriter, version: bigint): void => writer.uint64(version ^ SIGN);
const readVersion = (reader: ByteReader): bigint => BigInt.asIntN(64, reader.uint64() ^ SIGN);

export function writeValue(writer: ByteWriter, type: ColumnType, value: unknown): void {
  switch (type) {
    case 'int': {
      const int = value as number;
      // Zigzag; twice a safe integer fits 54 bits, which doubles hold exactly when even.
      if (int >= 0 && int < 2 ** 52) writer.varint(int * 2);
      else if (int < 0 && int > -(2 ** 52)) writer.varint(int * -2 - 1);
      else {
        // Marked by the largest safe odd code, which no smaller integer has.
        writer.varint(Number.MAX_SAFE_INTEGER);
        writer.uint64(BigInt(int));
      }
      break;
    }
    case 'long': writer.uint64(value as bigint); break;
    case 'text': writer.text(value as string); break;
    case 'bytes': writer.blob(value as Uint8Array); break;
    case 'bool': writer.byte(value === true ? 1 : 0); break;
    case 'double':
      writer.reserve(8);
      writer.bytes.writeDoubleBE(value as number, writer.position);
      writer.position += 8;
      break;
  }
}

export function readValue(reader: ByteReader, type: ColumnType): unknown {
  switch (type) {
    case 'int': {
      const code = reader.varint();
      if (code === Number.MAX_SAFE_INTEGER) return Number(BigInt.asIntN(64, reader.uint64()));
      return code % 2 === 0 ? code / 2 : -(code + 1) / 2;
    }
    case 'long': return BigInt.asIntN(64, reader.uint64());
    case 'text': return reader.text();
    case 'bytes': return reader.blob();
    case 'bool': return reader.byte() === 1;
    case 'double': {
      const value = reader.bytes.readDoubleBE(reader.position);
      reader.position += 8;
      return value;
    }
  }
}

/** Writes a row that one put made. @param values by column index; undefined: not named */
export function writeUniform(writer: ByteWriter, types: readonly ColumnType[], values: readonly unknown[], version: bigint | undefined, expiresAt: number, deletedAt?: bigint): void {
  const count = types.length;
  const maskBytes = (count + 7) >> 3;
  const flagsAt = writer.position;
  writer.reserve(1 + 8 + 6 + 8 + 1 + 2 * maskBytes);
  let flags = UNIFORM;
  writer.position += 1;
  if (version !== undefined) {
    flags |= VERSIONED;
    writeVersion(writer, version);
  }
  if (expiresAt !== 0) {
    flags |= EXPIRES;
    writer.uint48(expiresAt);
  }
  if (deletedAt !== undefined) {
    flags |= DELETED;
    writeVersion(writer, deletedAt);
  }
  const { bytes } = writer;
  bytes[writer.position++] = count;
  let nulls = false;
  for (let block = 0; block < maskBytes; block++) {
    let mask = 0;
    for (let i = block * 8; i < count && i < block * 8 + 8; i++) {
      const value = values[i];
      if (value === undefined) continue;
      mask |= 1 << (i & 7);
      if (value === null) nulls = true;
    }
    bytes[writer.position++] = mask;
  }
  if (nulls) {
    flags |= NULLS;
    for (let block = 0; block < maskBytes; block++) {
      let mask = 0;
      for (let i = block * 8; i < count && i < block * 8 + 8; i++) if (values[i] === null) mask |= 1 << (i & 7);
      bytes[writer.position++] = mask;
    }
  }
  bytes[flagsAt] = flags;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (value !== undefined && value !== null) writeValue(writer, types[i] as ColumnType, value);
  }
}

/**
 * Whether a put of `values` at `version` replaces the row in `bytes` whole: the row is uniform and older, never expires,
 * was not deleted, and the put names every column that the row has.
 */
export function replacesWhole(bytes: Buffer, types: readonly ColumnType[], values: readonly unknown[], version: bigint | undefined): boolean {
  const flags = (bytes[0] as number) & ~NULLS;
  let at = 1;
  if (version === undefined) {
    if (flags !== UNIFORM) return false;
  } else {
    if (flags !== (UNIFORM | VERSIONED)) return false;
    if (BigInt.asIntN(64, bytes.readBigUInt64BE(1) ^ SIGN) >= version) return false;
    at = 9;
  }
  const count = bytes[at] as number;
  at += 1;
  for (let i = 0; i < count; i++) {
    if (((bytes[at + (i >> 3)] as number) & (1 << (i & 7))) !== 0 && values[i] === undefined) return false;
  }
  return true;
}

function writeCell(writer: ByteWriter, cell: Cell | undefined, type: ColumnType | undefined, versioned: boolean): void {
  if (cell === undefined) return writer.byte(0);
  writer.byte(CELL_PRESENT | (cell.value === null ? CELL_NULL : 0) | (cell.expiresAt !== 0 ? CELL_EXPIRES : 0));
  if (versioned) writeVersion(writer, cell.version);
  if (cell.expiresAt !== 0) writer.uint48(cell.expiresAt);
  if (cell.value !== null && type !== undefined) writeValue(writer, type, cell.value);
}

function readCell(reader: ByteReader, type: ColumnType | undefined, versioned: boolean): Cell | undefined {
  const state = reader.byte();
  if (state === 0) return undefined;
  const version = versioned ? readVersion(reader) : 0n;
  const expiresAt = (state & CELL_EXPIRES) !== 0 ? reader.uint48() : 0;
  const value = (state & CELL_NULL) !== 0 ? null : type === undefined ? true : readValue(reader, type);
  return { version, expiresAt, value };
}

/** Writes any row, in the shorter form that fits it. */
export function writeState(writer: ByteWriter, types: readonly ColumnType[], state: RowState, versioned: boolean): void {
  const { marker, cells, deletedAt } = state;
  if (marker !== undefined && cells.every((cell) => cell === undefined || (cell.version === marker.version && (cell.value === null || cell.expiresAt === marker.expiresAt)))) {
    const values: unknown[] = cells.map((cell) => cell?.value);
    return writeUniform(writer, types, values, versioned ? marker.version : undefined, marker.expiresAt, deletedAt);
  }
  writer.byte((versioned ? VERSIONED : 0) | (deletedAt !== undefined ? DELETED : 0));
  if (deletedAt !== undefined) writeVersion(writer, deletedAt);
  writeCell(writer, marker, undefined, versioned);
  for (let i = 0; i < types.length; i++) writeCell(writer, cells[i], types[i], versioned);
}

/** Columns that were added to the table after the row was written are absent. */
export function readState(reader: ByteReader, types: readonly ColumnType[]): RowState {
  const state = emptyState(types.length);
  const flags = reader.byte();
  const versioned = (flags & VERSIONED) !== 0;
  if ((flags & UNIFORM) === 0) {
    if ((flags & DELETED) !== 0) state.deletedAt = readVersion(reader);
    state.marker = readCell(reader, undefined, versioned);
    for (let i = 0; i < types.length && reader.position < reader.end; i++) state.cells[i] = readCell(reader, types[i], versioned);
    return state;
  }
  const version = versioned ? readVersion(reader) : 0n;
  const expiresAt = (flags & EXPIRES) !== 0 ? reader.uint48() : 0;
  if ((flags & DELETED) !== 0) state.deletedAt = readVersion(reader);
  state.marker = { version, expiresAt, value: true };
  // The row may be older than the newest columns.
  const count = reader.byte();
  const written = reader.position;
  const maskBytes = (count + 7) >> 3;
  const nulls = (flags & NULLS) !== 0 ? written + maskBytes : -1;
  reader.position = written + maskBytes * (nulls < 0 ? 1 : 2);
  for (let i = 0; i < count; i++) {
    const bit = 1 << (i & 7);
    if (((reader.bytes[written + (i >> 3)] as number) & bit) === 0) continue;
    const isNull = nulls >= 0 && ((reader.bytes[nulls + (i >> 3)] as number) & bit) !== 0;
    state.cells[i] = { version, expiresAt: isNull ? 0 : expiresAt, value: isNull ? null : readValue(reader, types[i] as ColumnType) };
  }
  return state;
}
