/**
 * Typed table declarations. A declaration is made once, beside the service that owns the table; it yields the CQL DDL,
 * the prepared statements of the Cassandra adapter and the key encoding of the embedded one.
 */

/** `int`: a JavaScript number, |n| < 2^53 (CQL bigint). `long`: bigint, signed 64 bit (CQL bigint). `text`: UTF-8. */
export type ColumnType = 'int' | 'long' | 'text' | 'bytes' | 'bool' | 'double';
export type ClusteringColumn = ColumnType | { type: ColumnType; order: 'asc' | 'desc' };

export type Value<T> = T extends { type: infer U } ? Value<U>
  : T extends 'int' | 'double' ? number
  : T extends 'long' ? bigint
  : T extends 'text' ? string
  : T extends 'bytes' ? Uint8Array
  : T extends 'bool' ? boolean
  : never;

export interface TableDeclaration<
  P extends Record<string, ColumnType> = Record<string, ColumnType>,
  C extends Record<string, ClusteringColumn> = Record<string, ClusteringColumn>,
  V extends Record<string, ColumnType> = Record<string, ColumnType>,
> {
  /** snake_case, unique over the whole system */
  name: string;
  /** `dc`: the data center's own keyspace. `directory`: replicated to every DC; facts that must be unique everywhere. */
  keyspace: 'dc' | 'directory';
  partition: P;
  clustering: C;
  columns: V;
  /** Rows vanish this long after they were written, unless a put names its own. Absent: they stay. */
  ttlSeconds?: number;
  /**
   * `versioned`: every write carries an explicit version (Cassandra's USING TIMESTAMP); per column the newest version wins.
   * `conditional`: written by insertIfAbsent / replaceIf / deleteIf (lightweight transactions) and plain put/delete without version.
   * `plain`: last writer by wall clock wins.
   */
  writes: 'versioned' | 'conditional' | 'plain';
}

export type Table<
  P extends Record<string, ColumnType> = any,
  C extends Record<string, ClusteringColumn> = any,
  V extends Record<string, ColumnType> = any,
> = Readonly<TableDeclaration<P, C, V>>;

export type PartitionKey<T> = T extends Table<infer P, any, any> ? { [K in keyof P]: Value<P[K]> } : never;
export type ClusteringKey<T> = T extends Table<any, infer C, any> ? { [K in keyof C]: Value<C[K]> } : never;
export type Key<T> = PartitionKey<T> & ClusteringKey<T>;
/** A column that was never written (or was written null) reads as null. */
export type Columns<T> = T extends Table<any, any, infer V> ? { [K in keyof V]: Value<V[K]> | null } : never;
export type Row<T> = Key<T> & Columns<T>;

export function defineTable<
  const P extends Record<string, ColumnType>,
  const C extends Record<string, ClusteringColumn>,
  const V extends Record<string, ColumnType>,
>(declaration: TableDeclaration<P, C, V>): Table<P, C, V> {
  return Object.freeze(declaration);
}
