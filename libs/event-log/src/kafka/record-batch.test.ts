import type { AppendRecord } from '../event-log';
import { crc32c } from './crc32c';
import { BATCH_HEADER_BYTES, BatchUnreadable, decodeBatches, encodeBatch, recordBytesInBatch } from './record-batch';
import { WireReader, WireWriter } from './wire';

const NOW = Date.UTC(2026, 0, 1);
const text = (value: Uint8Array): string => Buffer.from(value).toString();
const batchAt = (base: bigint, ...records: AppendRecord[]): Buffer => {
  const batch = encodeBatch(records, NOW, undefined);
  batch.writeBigInt64BE(base, 0);
  return batch;
};
const numbered = (from: number, count: number): AppendRecord[] => Array.from({ length: count }, (_, i) => ({ key: 'k', value: Buffer.from(String(from + i)) }));
/** The batch with its checksum put right after a change. */
const resealed = (batch: Buffer, change: (bytes: Buffer) => void): Buffer => {
  const changed = Buffer.from(batch);
  change(changed);
  changed.writeUInt32BE(crc32c(changed, 21, changed.length), 17);
  return changed;
};

describe('crc32c', () => {
  // RFC 3720, B.4, and the check value of the catalogue of CRCs.
  test.each<[string, Buffer, number]>([
    ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
    ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['rising', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
    ['falling', Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c],
    ['"123456789"', Buffer.from('123456789'), 0xe3069283],
  ])('%s', (_name, bytes, expected) => {
    expect(crc32c(bytes, 0, bytes.length)).toBe(expected);
    // At every alignment.
    for (let shift = 1; shift < 9; shift++) expect(crc32c(Buffer.concat([Buffer.alloc(shift, 7), bytes, Buffer.alloc(3, 9)]), shift, shift + bytes.length)).toBe(expected);
  });
});

describe('primitive types', () => {
  test('varints come back, signed and not', () => {
    const unsigned = [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455, 268_435_456, 2 ** 31 - 1];
    const signed = [0, -1, 1, -64, 63, 64, -65, 8_191, -8_192, 8_192, 1_000_000, -(2 ** 31), 2 ** 31 - 1];
    const writer = new WireWriter(1);
    for (const value of unsigned) writer.uvarint(value);
    for (const value of signed) writer.varint(value);
    const reader = new WireReader(writer.finish());
    expect(unsigned.map(() => reader.uvarint())).toEqual(unsigned);
    expect(signed.map(() => reader.varint())).toEqual(signed);
    expect(reader.position).toBe(reader.end);
  });

  test('an answer that ends early is told', () => {
    const bytes = new WireWriter().string('a text').int64(7n).finish();
    for (let length = 0; length < bytes.length; length++) {
      const reader = new WireReader(bytes.subarray(0, length));
      expect(() => [reader.string(), reader.int64()]).toThrow(RangeError);
    }
    expect(() => new WireReader(Buffer.alloc(8, 0xff)).uvarint()).toThrow(RangeError);
  });

  test('tagged fields that nobody knows are passed over', () => {
    const reader = new WireReader(Buffer.from([2, 0, 1, 99, 5, 3, 1, 2, 3, 42]));
    reader.skipTags();
    expect(reader.int8()).toBe(42);
  });
});

describe('record batches', () => {
  test('come back as they went', () => {
    const records: AppendRecord[] = [
      { key: 'ключ', value: Uint8Array.from([0, 255]), headers: { traceparent: '00-ab', empty: '', имя: 'é' } },
      { key: '', value: new Uint8Array(0) },
      { key: 'x'.repeat(200), value: new Uint8Array(70_000).fill(3) },
    ];
    const { records: got, next } = decodeBatches(batchAt(40n, ...records), 40n);
    expect(got.map(({ offset }) => offset)).toEqual([40n, 41n, 42n]);
    expect(got.map(({ key }) => key)).toEqual(records.map(({ key }) => key));
    expect(got.map(({ value }) => Buffer.from(value).toString('base64'))).toEqual(records.map(({ value }) => Buffer.from(value).toString('base64')));
    expect(got[0]?.headers).toEqual(records[0]?.headers);
    expect(got[1]?.headers).toBeUndefined();
    expect(next).toBe(43n);
  });

  test('never take more than was reckoned', () => {
    for (const record of [{ key: 'ш'.repeat(300), value: new Uint8Array(20_000), headers: { имя: 'é'.repeat(100), b: '' } }, { key: '', value: new Uint8Array(0) }]) {
      expect(encodeBatch([record], NOW, undefined).length - BATCH_HEADER_BYTES).toBeLessThanOrEqual(recordBytesInBatch(record));
    }
  });

  test('are laid out as Kafka says', () => {
    const batch = encodeBatch([{ key: 'k', value: Buffer.from('v') }], 1, { producerId: 5n, producerEpoch: 6, sequence: 7 });
    expect(batch.readInt32BE(8)).toBe(batch.length - 12);
    expect(batch[16]).toBe(2);
    expect([batch.readInt16BE(21), batch.readInt32BE(23), batch.readBigInt64BE(27), batch.readBigInt64BE(35)]).toEqual([0, 0, 1n, 1n]);
    expect([batch.readBigInt64BE(43), batch.readInt16BE(51), batch.readInt32BE(53), batch.readInt32BE(57)]).toEqual([5n, 6, 7, 1]);
    // length 8, attributes, time, offset, key of 1, value of 1, no headers
    expect([...batch.subarray(61)]).toEqual([16, 0, 0, 0, 2, 107, 2, 118, 0]);
  });

  const set = Buffer.concat([batchAt(10n, ...numbered(10, 5)), batchAt(15n, ...numbered(15, 1)), batchAt(16n, ...numbered(16, 4))]);

  test.each([[10n, undefined, 10, 10, 20n], [12n, undefined, 12, 8, 20n], [15n, 2, 15, 2, 17n], [13n, 2, 13, 2, 15n], [19n, 9, 19, 1, 20n], [20n, undefined, 20, 0, 20n]] as const)(
    'from %s on, at the most %s',
    (from, limit, first, count, next) => {
      const decoded = decodeBatches(set, from, limit);
      expect(decoded.records.map(({ value }) => text(value))).toEqual(Array.from({ length: count }, (_, i) => String(first + i)));
      expect(decoded.next).toBe(next);
    },
  );

  test('cut off anywhere: what is whole is taken, and it goes on there', () => {
    for (let length = 0; length <= set.length; length++) {
      const { records, next } = decodeBatches(set.subarray(0, length), 10n);
      expect(records.map(({ offset }) => offset)).toEqual(Array.from({ length: Number(next - 10n) }, (_, i) => BigInt(i + 10)));
      expect([10n, 15n, 16n, 20n]).toContain(next);
    }
  });

  test('with any bit flipped are never taken for sound', () => {
    const batch = batchAt(10n, ...numbered(10, 2));
    // The base offset and the length are outside the checksum; the leader's epoch is nothing to us.
    for (let byte = 16; byte < batch.length; byte++) {
      const flipped = Buffer.from(batch);
      flipped[byte] = (flipped[byte] as number) ^ 4;
      expect(() => decodeBatches(flipped, 10n)).toThrow(BatchUnreadable);
    }
  });

  test('that are compressed are refused, control batches passed over', () => {
    const batch = batchAt(10n, ...numbered(10, 2));
    expect(() => decodeBatches(resealed(batch, (bytes) => bytes.writeInt16BE(1, 21)), 10n)).toThrow(/compressed/);
    const { records, next } = decodeBatches(Buffer.concat([resealed(batch, (bytes) => bytes.writeInt16BE(0x20, 21)), batchAt(12n, ...numbered(12, 1))]), 10n);
    expect(records.map(({ offset }) => offset)).toEqual([12n]);
    expect(next).toBe(13n);
  });

  test('values do not keep the answer in memory that they came in', () => {
    const [record] = decodeBatches(set, 10n).records;
    expect(record?.value.buffer.byteLength).toBe(2);
  });
});
