import type { ClusteringKey, Columns, Key, PartitionKey, Row, Table } from './table';

/** A bound on the clustering columns: a prefix of them, in declared order. */
export interface RangeQuery<T> {
  /** Rows at or after this prefix in clustering order (`fromExclusive`: strictly after). */
  from?: Partial<ClusteringKey<T>>;
  fromExclusive?: boolean;
  /** Rows at or before this prefix in clustering order (`toExclusive`: strictly before). A prefix includes all rows below it. */
  to?: Partial<ClusteringKey<T>>;
  toExclusive?: boolean;
  /** Rows at the most; 1 … RANGE_ROWS_MAX. There is no unbounded read. */
  limit: number;
  /** Walk against the clustering order. */
  reverse?: boolean;
}

/** A versioned table demands `version`; the others refuse it. */
export interface WriteOptions {
  version?: bigint;
  ttlSeconds?: number;
}

export type WriteOperation =
  | { kind: 'put'; table: Table; row: Record<string, unknown>; version?: bigint; ttlSeconds?: number }
  | { kind: 'delete'; table: Table; key: Record<string, unknown>; version?: bigint };

/** Make a put operation for a batch, typed by its table. Columns that are left out keep their value. */
export function putOperation<T extends Table>(table: T, row: Key<T> & Partial<Columns<T>>, options: WriteOptions = {}): WriteOperation {
  return { kind: 'put', table, row: row as Record<string, unknown>, version: options.version, ttlSeconds: options.ttlSeconds };
}
export function deleteOperation<T extends Table>(table: T, key: Key<T>, options: { version?: bigint } = {}): WriteOperation {
  return { kind: 'delete', table, key: key as Record<string, unknown>, version: options.version };
}

export interface ConditionalResult<T> {
  applied: boolean;
  /** The row as it was when the condition was refused; absent when there was none. */
  current?: Row<T>;
}

/**
 * The storage port. Partitioned, ordered tables. Every returned promise of a write resolves when the write is durable;
 * it is visible to reads at that moment at the latest. An error of a write means *unknown*, never *not written*.
 * Errors: StorageUnavailable (retry later), StorageTimeout (unknown), StorageRefused (a programming or schema error).
 */
export interface Storage {
  get<T extends Table>(table: T, key: Key<T>): Promise<Row<T> | undefined>;
  /** Several rows by key, in the order asked, undefined where there is none; at most MULTI_GET_KEYS_MAX keys. */
  getMany<T extends Table>(table: T, keys: readonly Key<T>[]): Promise<(Row<T> | undefined)[]>;
  range<T extends Table>(table: T, partition: PartitionKey<T>, query: RangeQuery<T>): Promise<Row<T>[]>;
  /** Writes the named columns in one statement; those left out keep their value; null erases one. */
  put<T extends Table>(table: T, row: Key<T> & Partial<Columns<T>>, options?: WriteOptions): Promise<void>;
  delete<T extends Table>(table: T, key: Key<T>, options?: { version?: bigint }): Promise<void>;
  insertIfAbsent<T extends Table>(table: T, row: Key<T> & Partial<Columns<T>>, options?: { ttlSeconds?: number }): Promise<ConditionalResult<T>>;
  /** Replaces the named columns iff the row exists and every column in `expected` has that value (null = unset). */
  replaceIf<T extends Table>(table: T, key: Key<T>, expected: Partial<Columns<T>>, next: Partial<Columns<T>>): Promise<ConditionalResult<T>>;
  deleteIf<T extends Table>(table: T, key: Key<T>, expected: Partial<Columns<T>>): Promise<ConditionalResult<T>>;
  /** All or nothing; every operation must be in one partition of one table. */
  atomicBatch(operations: readonly WriteOperation[]): Promise<void>;
  /** Cheap, not atomic, over any partitions and tables: only for rows that a replay rewrites. */
  batch(operations: readonly WriteOperation[]): Promise<void>;
  /** Creates what is missing and checks what is there; call once at start with every table that the process uses. */
  ensureTables(tables: readonly Table[]): Promise<void>;
  /**
   * Asks the engine whether it answers, and what its clock shows (Unix milliseconds, where it tells). Rejects as other requests do.
   * Absent where the store is part of this process.
   */
  check?(): Promise<{ now?: number }>;
  close(): Promise<void>;
}
