import { StorageRefused } from './errors';
import { TTL_SECONDS_MAX } from './limits';
import type { WriteOperation } from './storage';

type Plain = Record<string, unknown>;

/** The row of a put or the key of a delete. */
export const keyOf = (operation: WriteOperation): Plain => (operation.kind === 'put' ? operation.row : operation.key);

/** Whether two values of a column are the same. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right) === 0;
  return left === right;
}

/** Throws StorageRefused unless all operations are in one partition of one table. */
export function checkOnePartition(operations: readonly WriteOperation[]): void {
  const first = operations[0];
  if (first === undefined) return;
  const { table } = first;
  const expected = keyOf(first);
  for (const operation of operations) {
    const key = keyOf(operation);
    let same = operation.table.name === table.name;
    for (const name in table.partition) same &&= sameValue(key[name], expected[name]);
    if (!same) throw new StorageRefused(`an atomic batch stays in one partition of one table (${table.name})`);
  }
}

/** Names the first column of `expected` that `current` does not have as expected; undefined: all are. */
export function findMismatch(current: Plain, expected: Plain): string | undefined {
  for (const [name, value] of Object.entries(expected)) if (value !== undefined && !sameValue(current[name], value)) return name;
  return undefined;
}

const textOf = (value: unknown): string => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value));

/** One string for each row, for maps. */
export function rowText(operation: WriteOperation): string {
  const key = keyOf(operation);
  const { name, partition, clustering } = operation.table;
  return JSON.stringify([name, ...[...Object.keys(partition), ...Object.keys(clustering)].map((column) => textOf(key[column]))]);
}

/**
 * Makes one operation of all those on the same row of a table without versions, in their order: on Cassandra all statements of a batch
 * have one timestamp, so that a deletion would beat a put that comes after it. Throws StorageRefused when a row gets two TTLs.
 */
export function mergeByRow(operations: readonly WriteOperation[]): WriteOperation[] {
  const byRow = new Map<string, WriteOperation>();
  for (const operation of operations) {
    const key = rowText(operation);
    const before = byRow.get(key);
    byRow.set(key, before === undefined || operation.kind === 'delete' ? operation : merged(before, operation));
  }
  return [...byRow.values()];
}

function merged(before: WriteOperation, put: WriteOperation & { kind: 'put' }): WriteOperation {
  if (before.kind === 'delete') {
    // What the deletion took stays gone: the put names every column.
    const gone: Plain = {};
    for (const name in put.table.columns) gone[name] = null;
    return { ...put, row: { ...gone, ...defined(put.row) } };
  }
  if (before.ttlSeconds !== put.ttlSeconds) throw new StorageRefused(`${put.table.name}: a batch writes a row with two TTLs`);
  return { ...put, row: { ...before.row, ...defined(put.row) } };
}

const defined = (row: Plain): Plain => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));

const VERSION_MIN = -(2n ** 63n);
const VERSION_MAX = 2n ** 63n - 1n;

/** Throws StorageRefused unless the version is one. The smallest long is Cassandra's word for "no timestamp". */
export function checkVersion(table: string, version: bigint): void {
  if (version <= VERSION_MIN || version > VERSION_MAX) throw new StorageRefused(`${table}: version ${version}; more than −2^63 and less than 2^63`);
}

/** Throws StorageRefused unless the TTL is one. */
export function checkTtl(table: string, ttlSeconds: number): void {
  if (!(ttlSeconds > 0 && ttlSeconds <= TTL_SECONDS_MAX)) throw new StorageRefused(`${table}: a TTL of ${ttlSeconds} seconds; more than 0 and at most ${TTL_SECONDS_MAX}`);
}
