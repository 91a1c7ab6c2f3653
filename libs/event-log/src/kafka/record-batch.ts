import type { AppendRecord, LogRecord } from '../event-log';
import { crc32c } from './crc32c';
import { WireReader, WireWriter } from './wire';

/** Kafka's record batch, magic 2 (kafka.apache.org/documentation, "Message Format"). */

/** Bytes of a batch before its first record. */
export const BATCH_HEADER_BYTES = 61;
const MAGIC = 2;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const COMPRESSION_BITS = 0x07;
const CONTROL_BIT = 0x20;

/** Marks a batch so that the broker takes it once, and in order (KIP-98). */
export interface BatchSequence {
  producerId: bigint;
  producerEpoch: number;
  /** Of the first record; rises by the number of records, per partition. */
  sequence: number;
}

/** A batch that can't be read: damaged on its way, or written by another program. */
export class BatchUnreadable extends Error {
  override readonly name = 'BatchUnreadable';
}

/** Bytes that a record takes in a batch, at the most. */
export function recordBytesInBatch({ key, value, headers }: AppendRecord): number {
  let bytes = 26 + key.length * 3 + value.length;
  if (headers !== undefined) for (const name of Object.keys(headers)) bytes += 10 + (name.length + (headers[name] as string).length) * 3;
  return bytes;
}

/** @param now Unix milliseconds, of every record */
export function encodeBatch(records: readonly AppendRecord[], now: number, by: BatchSequence | undefined): Buffer {
  let size = BATCH_HEADER_BYTES;
  for (const record of records) size += recordBytesInBatch(record);
  const writer = new WireWriter(size);
  const time = BigInt(now);
  writer.int64(0n);
  const lengthAt = writer.placeInt32();
  writer.int32(-1).int8(MAGIC);
  const crcAt = writer.placeInt32();
  writer.int16(0).int32(records.length - 1).int64(time).int64(time)
    .int64(by?.producerId ?? -1n).int16(by?.producerEpoch ?? -1).int32(by?.sequence ?? -1).int32(records.length);
  for (let index = 0; index < records.length; index++) {
    const { key, value, headers } = records[index] as AppendRecord;
    const keyBytes = Buffer.byteLength(key);
    const names = headers === undefined ? NO_NAMES : Object.keys(headers);
    let bytes = 2 + varintBytes(index) + varintBytes(keyBytes) + keyBytes + varintBytes(value.length) + value.length + varintBytes(names.length);
    for (const name of names) {
      const nameBytes = Buffer.byteLength(name);
      const textBytes = Buffer.byteLength((headers as Record<string, string>)[name] as string);
      bytes += varintBytes(nameBytes) + nameBytes + varintBytes(textBytes) + textBytes;
    }
    // attributes, timestamp delta, offset delta
    writer.varint(bytes).int8(0).varint(0).varint(index).varint(keyBytes).utf8(key, keyBytes).varint(value.length).raw(value).varint(names.length);
    for (const name of names) {
      const text = (headers as Record<string, string>)[name] as string;
      const nameBytes = Buffer.byteLength(name);
      const textBytes = Buffer.byteLength(text);
      writer.varint(nameBytes).utf8(name, nameBytes).varint(textBytes).utf8(text, textBytes);
    }
  }
  const batch = writer.finish();
  batch.writeInt32BE(batch.length - lengthAt - 4, lengthAt);
  batch.writeUInt32BE(crc32c(batch, ATTRIBUTES_AT, batch.length), crcAt);
  return batch;
}

const NO_NAMES: string[] = [];

function varintBytes(value: number): number {
  return value < 64 ? 1 : value < 8_192 ? 2 : value < 1_048_576 ? 3 : value < 134_217_728 ? 4 : 5;
}

export interface DecodedRecords {
  records: LogRecord[];
  /** Where the log goes on after what was decoded. */
  next: bigint;
  /** Bytes of keys and values. */
  bytes: number;
}

/**
 * The records of `set` (batches one after the other, the last one perhaps cut off) from offset `from` on, at the most `limit`. Values are
 * copies: one that is kept does not keep the answer it came in. Throws BatchUnreadable.
 */
export function decodeBatches(set: Buffer, from: bigint, limit = Infinity): DecodedRecords {
  const records: LogRecord[] = [];
  let next = from;
  let bytes = 0;
  let at = 0;
  while (set.length - at >= BATCH_HEADER_BYTES && records.length < limit) {
    const base = set.readBigInt64BE(at);
    const end = at + 12 + set.readInt32BE(at + 8);
    if (end > set.length) break;
    if (end < at + BATCH_HEADER_BYTES || set[at + 16] !== MAGIC) throw new BatchUnreadable(`the batch at offset ${base} is not of Kafka's format 2`);
    if (set.readUInt32BE(at + CRC_AT) !== crc32c(set, at + ATTRIBUTES_AT, end)) throw new BatchUnreadable(`the batch at offset ${base} does not match its checksum`);
    const attributes = set.readInt16BE(at + ATTRIBUTES_AT);
    const last = base + BigInt(set.readInt32BE(at + 23));
    if (last >= from && (attributes & CONTROL_BIT) === 0) {
      if ((attributes & COMPRESSION_BITS) !== 0) throw new BatchUnreadable(`the batch at offset ${base} is compressed; set compression.type of the topic to producer or uncompressed`);
      const count = set.readInt32BE(at + 57);
      const reader = new WireReader(set, at + BATCH_HEADER_BYTES, end);
      for (let i = 0; i < count && records.length < limit; i++) {
        const recordEnd = reader.varint() + reader.position;
        reader.int8();
        reader.skipVarlong();
        const offset = base + BigInt(reader.varint());
        if (offset >= from) {
          const record = decodeRecord(reader, offset);
          bytes += record.key.length + record.value.length;
          records.push(record);
        }
        reader.position = recordEnd;
        next = offset + 1n;
      }
      if (records.length < limit) next = last + 1n;
    } else if (last >= from) {
      next = last + 1n;
    }
    at = end;
  }
  return { records, next: next > from ? next : from, bytes };
}

function decodeRecord(reader: WireReader, offset: bigint): LogRecord {
  const keyBytes = reader.varint();
  const key = keyBytes <= 0 ? '' : reader.utf8(keyBytes);
  const valueBytes = reader.varint();
  const value = valueBytes <= 0 ? new Uint8Array(0) : Uint8Array.prototype.slice.call(reader.view(valueBytes));
  const count = reader.varint();
  if (count === 0) return { offset, key, value };
  const headers: Record<string, string> = {};
  for (let i = 0; i < count; i++) {
    const name = reader.utf8(reader.varint());
    const textBytes = reader.varint();
    headers[name] = textBytes <= 0 ? '' : reader.utf8(textBytes);
  }
  return { offset, key, value, headers };
}
