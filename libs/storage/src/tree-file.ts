import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { StorageUnavailable } from './errors';
import { ENVIRONMENT_BYTES_MAX } from './limits';

/** LMDB's page header: page number at 0, transaction that wrote it at 8, flags at 18. */
export const PAGE_HEADER_BYTES = 24;
const PAGE_FLAGS = 18;
const BRANCH_OR_LEAF = 0x03;

/** MDB_meta follows the header on the first two pages, by turns: an even transaction is on page 0, an odd one on page 1. */
const META_BYTES = 144;
const META_MAGIC = 0xbeefc0de;
export const META = { pageSize: 24, freeRoot: 64, root: 112, lastPage: 120, transaction: 128 } as const;
/** What of a meta says which tree it is: both databases and the last page. */
const META_TREE = [24, 128] as const;
const NO_ROOT = 0xffffffffffffffffn;

interface Meta {
  /** Offset in the file. */
  at: number;
  bytes: Buffer;
  transaction: bigint;
}

/**
 * Readies an LMDB file for being opened: refuses one that is no such file, or whose roots are not there; and makes longer one that
 * is shorter than its page numbers say, because it may end in pages that were never written, and reading past the end of a
 * mapped file ends the process without a word. Throws StorageUnavailable, and then the file is as it was.
 *
 * NOTE: LMDB's own way to go back a tree (MDB_PREVSNAPSHOT) gives the next transaction the number of the tree it goes back to
 * (lmdb-js 3.5.6), takes that tree's newest pages for its own, and writes over them. So the newest meta is replaced here.
 * NOTE: LMDB has no checksums: damage deeper in the tree shows when it is read, and may end the process.
 * @param previous go back to the tree before the newest
 */
export function prepareTree(path: string, previous: boolean): void {
  const damaged = (what: string): never => {
    throw new StorageUnavailable(`${path} is damaged (${what}): restore the folder from a backup, or move it away to start empty`);
  };
  const file = openSync(path, 'r+');
  try {
    const { size } = fstatSync(file);
    if (size === 0) return;
    const head = Buffer.alloc(64 * 1024);
    const read = readSync(file, head, 0, head.length, 0);
    if (read < PAGE_HEADER_BYTES + META_BYTES || head.readUInt32LE(PAGE_HEADER_BYTES) !== META_MAGIC) damaged('it does not begin like a store');
    const pageSize = head.readUInt32LE(PAGE_HEADER_BYTES + META.pageSize);
    if (pageSize < 512 || pageSize > 32 * 1024 || (pageSize & (pageSize - 1)) !== 0 || read < pageSize + PAGE_HEADER_BYTES + META_BYTES) damaged(`a page size of ${pageSize}`);
    if (head.readUInt32LE(pageSize + PAGE_HEADER_BYTES) !== META_MAGIC) damaged('its second page is not a root');
    const metas = [0, pageSize].map((page): Meta => {
      const at = page + PAGE_HEADER_BYTES;
      const bytes = head.subarray(at, at + META_BYTES);
      return { at, bytes, transaction: bytes.readBigUInt64LE(META.transaction) };
    }).sort((a, b) => Number(b.transaction - a.transaction)) as [Meta, Meta];
    const [newest, older] = metas;
    const back = previous && !sameTree(newest, older);
    const used = back ? older : newest;
    const page = Buffer.alloc(PAGE_HEADER_BYTES);
    for (const root of [used.bytes.readBigUInt64LE(META.freeRoot), used.bytes.readBigUInt64LE(META.root)]) {
      if (root === NO_ROOT) continue;
      if (readSync(file, page, 0, page.length, Number(root) * pageSize) < page.length || page.readBigUInt64LE(0) !== root || (page.readUInt16LE(PAGE_FLAGS) & BRANCH_OR_LEAF) === 0) damaged(`its root ${root} is not there`);
    }
    const bytes = (Number(used.bytes.readBigUInt64LE(META.lastPage)) + 1) * pageSize;
    if (bytes > ENVIRONMENT_BYTES_MAX) damaged(`${bytes} bytes`);
    if (bytes > size) ftruncateSync(file, bytes);
    if (back) {
      goBack(file, newest, older);
      fsyncSync(file);
    }
  } finally {
    closeSync(file);
  }
}

function sameTree(left: Meta, right: Meta): boolean {
  return left.bytes.subarray(...META_TREE).equals(right.bytes.subarray(...META_TREE));
}

/**
 * Puts the older tree in the place of the newest, under the number before its own: so the older one is the newest, and the next
 * transaction takes that place. One write within one sector: it is there or not. Done twice it is done once: the trees are the same then.
 */
function goBack(file: number, newest: Meta, older: Meta): void {
  const bytes = Buffer.from(older.bytes);
  bytes.writeBigUInt64LE(older.transaction === 0n ? 0n : older.transaction - 1n, META.transaction);
  writeSync(file, bytes, 0, META_BYTES, newest.at);
}
