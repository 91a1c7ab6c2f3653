/** Tables for eight bytes a step: TABLES[k][b] is the checksum of byte b followed by k zero bytes. */
const TABLES = makeTables();

function makeTables(): Int32Array[] {
  const tables = Array.from({ length: 8 }, () => new Int32Array(256));
  const first = tables[0] as Int32Array;
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    first[byte] = value;
  }
  for (let k = 1; k < 8; k++) {
    const before = tables[k - 1] as Int32Array;
    const table = tables[k] as Int32Array;
    for (let byte = 0; byte < 256; byte++) table[byte] = ((before[byte] as number) >>> 8) ^ (first[(before[byte] as number) & 0xff] as number);
  }
  return tables;
}

const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];

/** CRC-32C (Castagnoli, RFC 3720 B.4) of `bytes` from `start` up to `end`, as an unsigned number: the checksum of Kafka's record batches. */
export function crc32c(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    crc ^= (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
    crc = (T7[crc & 0xff] as number) ^ (T6[(crc >>> 8) & 0xff] as number) ^ (T5[(crc >>> 16) & 0xff] as number) ^ (T4[crc >>> 24] as number)
      ^ (T3[bytes[at + 4] as number] as number) ^ (T2[bytes[at + 5] as number] as number) ^ (T1[bytes[at + 6] as number] as number) ^ (T0[bytes[at + 7] as number] as number);
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ (T0[(crc ^ (bytes[at] as number)) & 0xff] as number);
  return (crc ^ -1) >>> 0;
}
