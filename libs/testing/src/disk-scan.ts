import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { scanBytes, type Leak, type Secret } from './leak-scanner';
import { openLz4Block } from './lz4';

/**
 * Looks for secrets in the files of engines as their readers would see them (invariant I7): a compressed table of Cassandra or batch of Kafka
 * shows a text to whoever opens it, though its bytes don't stand in the file.
 */

/** Bytes of one file. A larger one is a finding of its own: nobody looked into it. */
const FILE_BYTES_MAX = 1 << 30;
/** Bytes that one compressed piece may make. */
const OPENED_BYTES_MAX = 256 * 1024 * 1024;

export interface DiskScan {
  files: number;
  /** Of the files. */
  bytes: number;
  /** Bytes that were compressed, after opening. */
  opened: number;
  leaks: Leak[];
  /** Files with contents that could not be opened, and why. */
  closed: { where: string; why: string }[];
}

/** What a file holds besides its own bytes. */
type Opener = (path: string, bytes: Buffer) => Buffer[] | undefined;

/**
 * Chunks of a compressed table (…-Data.db beside …-CompressionInfo.db). A chunk is the block and four bytes of CRC; with LZ4 the block begins
 * with the length that it makes, little-endian; one that would not have become smaller stands as it is.
 */
export function openTable(data: Buffer, compression: Buffer): Buffer {
  let at = 0;
  const text = (): string => {
    const length = compression.readUInt16BE(at);
    at += 2 + length;
    return compression.subarray(at - length, at).toString();
  };
  const int = (): number => compression.readInt32BE((at += 4) - 4);
  const long = (): number => Number(compression.readBigInt64BE((at += 8) - 8));
  const compressor = text();
  for (let options = int(); options > 0; options -= 1) {
    text();
    text();
  }
  const chunkLength = int();
  const compressedMax = int();
  const dataLength = long();
  const offsets = Array.from({ length: int() }, long);
  const chunks = offsets.map((offset, index) => {
    const end = (offsets[index + 1] ?? data.length) - 4;
    const chunk = data.subarray(offset, end);
    const size = Math.max(0, Math.min(chunkLength, dataLength - index * chunkLength));
    // The last flush may add an empty one.
    if (size === 0) return Buffer.alloc(0);
    if (chunk.length >= compressedMax) return chunk;
    if (compressor !== 'LZ4Compressor') throw new Error(`its compressor is ${compressor}`);
    const made = chunk.readUInt32LE(0);
    if (made !== size) throw new Error(`chunk ${index} says that it makes ${made} bytes instead of ${size}`);
    return openLz4Block(chunk.subarray(4), size);
  });
  return Buffer.concat(chunks);
}

/** Contents of the compressed batches in a segment of Kafka's log (docs: kafka.apache.org, "Record Batch"). */
export function openSegment(segment: Buffer): Buffer[] {
  const opened: Buffer[] = [];
  for (let at = 0; at + 61 <= segment.length;) {
    const length = segment.readInt32BE(at + 8);
    if (length <= 0 || at + 12 + length > segment.length) break;
    if (segment[at + 16] !== 2) throw new Error(`a batch of format ${segment[at + 16]}`);
    const codec = segment.readInt16BE(at + 21) & 7;
    if (codec === 1) opened.push(gunzipSync(segment.subarray(at + 61, at + 12 + length), { maxOutputLength: OPENED_BYTES_MAX }));
    else if (codec !== 0) throw new Error(`a batch of codec ${codec}`);
    at += 12 + length;
  }
  return opened;
}

const OPENERS: readonly (readonly [RegExp, Opener])[] = [
  [/-Data\.db$/, (path, bytes) => {
    const beside = path.replace(/-Data\.db$/, '-CompressionInfo.db');
    return existsSync(beside) ? [openTable(bytes, readFileSync(beside))] : undefined;
  }],
  // Segments are named by their first offset; snapshots of producers and indexes end otherwise.
  [/\/\d{20}\.log$/, (_, bytes) => openSegment(bytes)],
];

const ZEROS = Buffer.alloc(64 * 1024);

/** Most of what engines reserve is empty: its end is not looked at many times over. */
function withoutZeros(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end >= ZEROS.length && bytes.compare(ZEROS, 0, ZEROS.length, end - ZEROS.length, end) === 0) end -= ZEROS.length;
  return bytes.subarray(0, end);
}

/** Looks through every file of `folder` and their names. */
export function scanDisk(folder: string, secrets: readonly Secret[]): DiskScan {
  const scan: DiskScan = { files: 0, bytes: 0, opened: 0, leaks: [], closed: [] };
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const where = join(relative(dirname(folder), entry.parentPath), entry.name);
    scan.leaks.push(...scanBytes(`the name ${where}`, Buffer.from(entry.name), secrets));
    if (!entry.isFile()) continue;
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      // Engines remove what they have merged, whoever looks.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw error;
    }
    if (bytes.length > FILE_BYTES_MAX) {
      scan.closed.push({ where, why: 'it is too large' });
      continue;
    }
    scan.files += 1;
    scan.bytes += bytes.length;
    scan.leaks.push(...scanBytes(where, withoutZeros(bytes), secrets));
    for (const [pattern, open] of OPENERS) {
      if (!pattern.test(path)) continue;
      try {
        for (const piece of open(path, bytes) ?? []) {
          scan.opened += piece.length;
          scan.leaks.push(...scanBytes(`${where}, opened,`, piece, secrets));
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') scan.closed.push({ where, why: (error as Error).message });
      }
    }
  }
  return scan;
}
