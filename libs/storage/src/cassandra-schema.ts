import { clusteringColumns, partitionColumns, quoted, storedTtl, valueColumns, WRITE_TOKEN } from './cassandra-table';
import { CQL_TYPES } from './cassandra-values';
import { StorageRefused } from './errors';
import { TOMBSTONE_GRACE_SECONDS } from './limits';
import type { ColumnType, Table } from './table';

/** Replicas by Cassandra data center. */
export type Replication = Readonly<Record<string, number>>;

export type RunCql = (query: string, params?: readonly unknown[]) => Promise<Record<string, unknown>[]>;

/** A table as Cassandra has it. */
export interface StoredTable {
  /** Names and CQL types, in order; clustering with its order. */
  partition: readonly string[];
  clustering: readonly string[];
  columns: ReadonlyMap<string, string>;
  /** As the table's comment says; undefined: not one of ours. */
  writes: string | undefined;
}

/** A keyspace as Cassandra has it. */
export interface StoredKeyspace {
  name: string;
  /** undefined: the keyspace is not there. */
  replication: Replication | undefined;
  tables: ReadonlyMap<string, StoredTable>;
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** `dc1:3,dc2:3` as a setting has it. Throws StorageRefused for anything else. */
export function parseReplication(setting: string): Replication {
  const replication: Record<string, number> = {};
  for (const part of setting.split(',')) {
    const match = /^\s*([A-Za-z0-9_.-]+):([1-9]\d?)\s*$/.exec(part);
    if (match === null || Object.hasOwn(replication, match[1] as string)) throw new StorageRefused(`replication "${setting}": write the replicas of each Cassandra data center, such as dc1:3,dc2:3`);
    replication[match[1] as string] = Number(match[2]);
  }
  return replication;
}

export function createKeyspace(name: string, replication: Replication): string {
  const replicas = Object.entries(replication).map(([dc, count]) => `${literal(dc)}: ${count}`).join(', ');
  return `CREATE KEYSPACE IF NOT EXISTS ${quoted(name)} WITH replication = {'class': 'NetworkTopologyStrategy', ${replicas}} AND durable_writes = true`;
}

const storedColumns = (table: Table): [name: string, type: string][] => {
  const columns = valueColumns(table).map(({ name, type }): [string, string] => [name, CQL_TYPES[type]]);
  if (table.writes === 'conditional') columns.push([WRITE_TOKEN, 'blob']);
  return columns;
};
/** The comment of a table of ours; `writes` can be seen nowhere else. */
const comment = (table: Table): string => `heliograph: ${table.writes}`;

/** The DDL of a table. Compression stays on: its checksums are what finds a flipped bit before it is served. */
export function createTable(table: Table, keyspace: string): string {
  const partition = partitionColumns(table);
  const clustering = clusteringColumns(table);
  if (partition.length === 0) throw new StorageRefused(`table ${table.name} has no partition key`);
  const key = [...partition, ...clustering].map(({ name, type }): [string, string] => [name, CQL_TYPES[type]]);
  const columns = [...key, ...storedColumns(table)].map(([name, type]) => `${quoted(name)} ${type}`).join(', ');
  const primary = [`(${partition.map(({ name }) => quoted(name)).join(', ')})`, ...clustering.map(({ name }) => quoted(name))].join(', ');
  const properties = [
    ...(clustering.length > 0 ? [`CLUSTERING ORDER BY (${clustering.map(({ name, descending }) => `${quoted(name)} ${descending ? 'DESC' : 'ASC'}`).join(', ')})`] : []),
    `comment = ${literal(comment(table))}`,
    `gc_grace_seconds = ${TOMBSTONE_GRACE_SECONDS}`,
    `compression = {'class': 'LZ4Compressor', 'chunk_length_in_kb': 16}`,
    ...(table.ttlSeconds === undefined ? [] : [`default_time_to_live = ${storedTtl(table.ttlSeconds)}`]),
  ];
  return `CREATE TABLE IF NOT EXISTS ${quoted(keyspace)}.${quoted(table.name)} (${columns}, PRIMARY KEY (${primary})) WITH ${properties.join(' AND ')}`;
}

export function addColumns(table: Table, keyspace: string, names: readonly string[]): string {
  const types = new Map(storedColumns(table));
  return `ALTER TABLE ${quoted(keyspace)}.${quoted(table.name)} ADD (${names.map((name) => `${quoted(name)} ${types.get(name)}`).join(', ')})`;
}

export const dropColumns = (keyspace: string, table: string, names: readonly string[]): string => `ALTER TABLE ${quoted(keyspace)}.${quoted(table)} DROP (${names.map(quoted).join(', ')})`;
export const dropTable = (keyspace: string, table: string): string => `DROP TABLE IF EXISTS ${quoted(keyspace)}.${quoted(table)}`;

/** What a declaration needs that is not there: the whole table, or columns. Throws StorageRefused when the two do not fit at all. */
export function findMissing(table: Table, stored: StoredTable | undefined): 'table' | string[] {
  if (stored === undefined) return 'table';
  const partition = partitionColumns(table).map(({ name, type }) => `${name} ${CQL_TYPES[type as ColumnType]}`);
  const clustering = clusteringColumns(table).map(({ name, type, descending }) => `${name} ${CQL_TYPES[type]} ${descending ? 'desc' : 'asc'}`);
  if (JSON.stringify([partition, clustering, table.writes]) !== JSON.stringify([stored.partition, stored.clustering, stored.writes])) {
    throw new StorageRefused(`table ${table.name} was made with another key or kind of writes; these never change: declare a table of a new name and move its rows`);
  }
  const missing: string[] = [];
  for (const [name, type] of storedColumns(table)) {
    const there = stored.columns.get(name);
    if (there === undefined) missing.push(name);
    else if (there !== type) throw new StorageRefused(`column ${table.name}.${name} was made as ${there} and is declared as ${type}; a column's type never changes`);
  }
  return missing;
}

/** What Cassandra has of a keyspace. */
export async function readKeyspace(run: RunCql, name: string): Promise<StoredKeyspace> {
  const [found] = await run('SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?', [name]);
  if (found === undefined) return { name, replication: undefined, tables: new Map() };
  const { class: strategy, ...replicas } = found['replication'] as Record<string, string>;
  if (strategy?.endsWith('NetworkTopologyStrategy') !== true) throw new StorageRefused(`keyspace ${name} is not replicated by NetworkTopologyStrategy; alter it before anything is written to it`);
  const tables = new Map<string, StoredTable>();
  const columns = await run('SELECT table_name, column_name, kind, position, type, clustering_order FROM system_schema.columns WHERE keyspace_name = ?', [name]);
  const rows = columns as unknown as { table_name: string; column_name: string; kind: string; position: number; type: string; clustering_order: string }[];
  for (const row of await run('SELECT table_name, comment FROM system_schema.tables WHERE keyspace_name = ?', [name])) {
    const own = rows.filter((column) => column.table_name === row['table_name']);
    const key = (kind: string): typeof rows => own.filter((column) => column.kind === kind).sort((a, b) => a.position - b.position);
    tables.set(row['table_name'] as string, {
      partition: key('partition_key').map((column) => `${column.column_name} ${column.type}`),
      clustering: key('clustering').map((column) => `${column.column_name} ${column.type} ${column.clustering_order}`),
      columns: new Map(key('regular').map((column) => [column.column_name, column.type])),
      writes: /^heliograph: (\w+)$/.exec(row['comment'] as string)?.[1],
    });
  }
  return { name, replication: Object.fromEntries(Object.entries(replicas).map(([dc, count]) => [dc, Number(count)])), tables };
}
