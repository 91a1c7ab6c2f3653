import { closeSync, constants, existsSync, fdatasync, fdatasyncSync, fsyncSync, openSync, readdirSync, readFileSync, statSync, write, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { StorageUnavailable } from './errors';
import { JOURNAL_SEGMENT_BYTES_MAX, JOURNAL_SEGMENT_BYTES_MIN } from './limits';

/**
 * The write-ahead journal of an environment: groups of operations, each durable with one write. A segment is a file that
 * was filled with zeros once and is used anew when nothing in it is needed, so that a flush moves no file metadata.
 *
 * A group on disk: magic (4) · length of the body (4) · CRC-32 of sequence and body (4) · zero (4) · sequence (8) · body.
 * Sequences rise by one from group to group, across segments; what a segment held before has lower ones.
 */
export const GROUP_HEADER_BYTES = 24;
const MAGIC = 0x48474a31;

interface Segment {
  path: string;
  file: number;
  size: number;
  /** Sequence of the last group in it; 0: nothing. */
  last: number;
}

/** On Linux and macOS the write itself flushes; elsewhere a flush follows. */
const WRITE_FLUSHES = process.platform === 'linux';
const FLAGS = constants.O_RDWR | constants.O_CREAT | (WRITE_FLUSHES ? constants.O_DSYNC : 0);

export class Journal {
  private readonly segments: Segment[] = [];
  private current: Segment | undefined;
  private position = 0;

  private constructor(private readonly folder: string) {}

  /**
   * Opens the folder's journal and hands over the groups after `base` in order; a group that was not written out fully is
   * the end. Throws StorageUnavailable when one is missing or damaged in the middle. NOTE: damage of the very last group looks like a
   * write that was cut short, and is taken for one.
   */
  static open(folder: string, base: number, replay: (body: Buffer) => void): { journal: Journal; last: number } {
    const journal = new Journal(folder);
    const groups: { sequence: number; body: Buffer }[] = [];
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^journal-\d+$/.test(name)) : [];
    for (const name of names.sort()) {
      const path = join(folder, name);
      const segment: Segment = { path, file: openSync(path, FLAGS), size: statSync(path).size, last: 0 };
      journal.segments.push(segment);
      for (const group of readGroups(readFileSync(path))) {
        segment.last = Math.max(segment.last, group.sequence);
        if (group.sequence > base) groups.push(group);
      }
    }
    groups.sort((a, b) => a.sequence - b.sequence);
    let last = base;
    for (const { sequence, body } of groups) {
      if (sequence !== last + 1) {
        throw new StorageUnavailable(`the journal in ${folder} is damaged: group ${last + 1} is missing and ${sequence} is there; restore the folder from a backup, or move it away to start empty`);
      }
      replay(body);
      last = sequence;
    }
    return { journal, last };
  }

  /**
   * Makes one group durable; one at a time. `bytes` begins with GROUP_HEADER_BYTES of room and must not change until `done`.
   */
  append(sequence: number, bytes: Buffer, length: number, done: (error: Error | undefined) => void): void {
    bytes.writeUInt32BE(MAGIC, 0);
    bytes.writeUInt32BE(length - GROUP_HEADER_BYTES, 4);
    bytes.writeUInt32BE(0, 12);
    bytes.writeBigUInt64BE(BigInt(sequence), 16);
    bytes.writeUInt32BE(crc32(bytes.subarray(16, length)), 8);
    let segment: Segment;
    try {
      segment = this.segmentFor(length);
    } catch (error) {
      return done(error as Error);
    }
    const at = this.position;
    this.position += length;
    segment.last = sequence;
    const writeFrom = (from: number): void => write(segment.file, bytes, from, length - from, at + from, (error, written) => {
      if (error !== null) return done(error);
      if (from + written < length) return writeFrom(from + written);
      if (WRITE_FLUSHES) return done(undefined);
      fdatasync(segment.file, (failure) => done(failure ?? undefined));
    });
    writeFrom(0);
  }

  private segmentFor(length: number): Segment {
    if (this.current !== undefined && this.position + length <= this.current.size) return this.current;
    this.position = 0;
    // A segment whose groups are all in the tree is empty (`last` is 0).
    this.current = this.segments.find((segment) => segment.last === 0 && segment.size >= length) ?? this.makeSegment(Math.max(length, Math.min(JOURNAL_SEGMENT_BYTES_MAX, JOURNAL_SEGMENT_BYTES_MIN * 2 ** this.segments.length)));
    return this.current;
  }

  private makeSegment(size: number): Segment {
    const path = join(this.folder, `journal-${String(this.segments.length).padStart(4, '0')}`);
    // Without O_DSYNC: the zeros are flushed once at the end.
    const file = openSync(path, 'wx', 0o644);
    const zeros = Buffer.alloc(JOURNAL_SEGMENT_BYTES_MIN);
    for (let at = 0; at < size; at += zeros.length) writeSync(file, zeros, 0, Math.min(zeros.length, size - at), at);
    fsyncSync(file);
    closeSync(file);
    syncFolder(this.folder);
    const segment: Segment = { path, file: openSync(path, FLAGS), size, last: 0 };
    this.segments.push(segment);
    return segment;
  }

  /** Bytes of the groups that are not released. */
  get bytes(): number {
    let bytes = this.position;
    for (const segment of this.segments) if (segment !== this.current && segment.last !== 0) bytes += segment.size;
    return bytes;
  }

  /** Groups up to `sequence` are in the tree for good: their segments may be used anew. */
  release(sequence: number): void {
    for (const segment of this.segments) if (segment !== this.current && segment.last <= sequence) segment.last = 0;
  }

  close(): void {
    for (const { file } of this.segments) closeSync(file);
  }
}

const MAGIC_BYTES = Buffer.from([MAGIC >>> 24, (MAGIC >>> 16) & 0xff, (MAGIC >>> 8) & 0xff, MAGIC & 0xff]);

/**
 * Every sound group of a segment. Where one is not sound, the next is looked for: groups are written one after the other, so one that
 * follows shows that this one had been written and is damaged. Behind the newest stands what the segment held before: groups that the tree
 * has, which their numbers tell.
 */
function* readGroups(bytes: Buffer): Generator<{ sequence: number; body: Buffer }> {
  for (let at = 0; at >= 0 && at + GROUP_HEADER_BYTES <= bytes.length;) {
    const end = bytes.readUInt32BE(at) === MAGIC ? at + GROUP_HEADER_BYTES + bytes.readUInt32BE(at + 4) : Infinity;
    if (end > bytes.length || crc32(bytes.subarray(at + 16, end)) !== bytes.readUInt32BE(at + 8)) {
      at = bytes.indexOf(MAGIC_BYTES, at + 1);
      continue;
    }
    yield { sequence: Number(bytes.readBigUInt64BE(at + 16)), body: bytes.subarray(at + GROUP_HEADER_BYTES, end) };
    at = end;
  }
}

/** Makes the folder's entries durable, where the system can. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const file = openSync(folder, 'r');
  try {
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
}
