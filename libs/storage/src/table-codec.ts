import { type ByteReader, type ByteWriter } from './byte-writer';
import { StorageRefused } from './errors';
import { checkColumn, readKeyColumn, writeKeyColumn } from './key-encoding';
import { KEY_BYTES_MAX, ROW_BYTES_MAX } from './limits';
import type { ColumnType, Table } from './table';

/** First bytes of every key in an environment. */
export const CATALOG_TAG = 0x00;
export const EXPIRY_TAG = 0x01;
export const LOG_TAG = 0x02;
export const POSITION_TAG = 0x03;
export const ROW_TAG = 0x10;

interface KeyColumn {
  name: string;
  type: ColumnType;
  descending: boolean;
}

/** What the catalog of an environment remembers of a table. Columns keep their place for ever; new ones come behind. */
export interface CatalogTable {
  id: number;
  name: string;
  writes: Table['writes'];
  partition: [name: string, type: ColumnType][];
  clustering: [name: string, type: ColumnType, order: 'asc' | 'desc'][];
  columns: [name: string, type: ColumnType][];
}

const clusteringOf = (table: Table): CatalogTable['clustering'] => Object.entries(table.clustering)
  .map(([name, column]) => {
    const declared = column as ColumnType | { type: ColumnType; order: 'asc' | 'desc' };
    return typeof declared === 'string' ? [name, declared, 'asc'] : [name, declared.type, declared.order];
  });

/** The catalog's entry for a declaration, given what is there. Throws StorageRefused when they do not fit. */
export function catalogEntry(table: Table, stored: CatalogTable | undefined, nextId: number): CatalogTable {
  const partition = Object.entries(table.partition) as CatalogTable['partition'];
  const clustering = clusteringOf(table);
  const declared = Object.entries(table.columns) as CatalogTable['columns'];
  if (partition.length === 0) throw new StorageRefused(`table ${table.name} has no partition key`);
  if (stored === undefined) return { id: nextId, name: table.name, writes: table.writes, partition, clustering, columns: declared };
  if (JSON.stringify([partition, clustering, table.writes]) !== JSON.stringify([stored.partition, stored.clustering, stored.writes])) {
    throw new StorageRefused(`table ${table.name} was made with another key or kind of writes; these never change: declare a table of a new name and move its rows`);
  }
  const columns = [...stored.columns];
  for (const [name, type] of declared) {
    const there = columns.find(([known]) => known === name);
    if (there === undefined) columns.push([name, type]);
    else if (there[1] !== type) throw new StorageRefused(`column ${table.name}.${name} was made as ${there[1]} and is declared as ${type}; a column's type never changes`);
  }
  return { ...stored, columns };
}

/** Keys and columns of one table, as bytes. */
export class TableCodec {
  readonly id: number;
  readonly name: string;
  readonly versioned: boolean;
  readonly writes: Table['writes'];
  readonly partition: readonly KeyColumn[];
  readonly clustering: readonly KeyColumn[];
  readonly names: readonly string[];
  readonly types: readonly ColumnType[];
  readonly indexes: ReadonlyMap<string, number>;
  private readonly keyNames: ReadonlySet<string>;

  constructor(entry: CatalogTable) {
    this.id = entry.id;
    this.name = entry.name;
    this.writes = entry.writes;
    this.versioned = entry.writes === 'versioned';
    this.partition = entry.partition.map(([name, type]) => ({ name, type, descending: false }));
    this.clustering = entry.clustering.map(([name, type, order]) => ({ name, type, descending: order === 'desc' }));
    this.names = entry.columns.map(([name]) => name);
    this.types = entry.columns.map(([, type]) => type);
    this.indexes = new Map(this.names.map((name, index) => [name, index]));
    this.keyNames = new Set([...this.partition, ...this.clustering].map(({ name }) => name));
    if (this.types.length > 255) throw new StorageRefused(`table ${entry.name} has more than 255 columns`);
  }

  private writeColumns(writer: ByteWriter, columns: readonly KeyColumn[], key: Record<string, unknown>): void {
    for (const { name, type, descending } of columns) writeKeyColumn(writer, type, key[name], descending);
  }

  writePartition(writer: ByteWriter, key: Record<string, unknown>): void {
    writer.byte(ROW_TAG);
    writer.byte(this.id);
    this.writeColumns(writer, this.partition, key);
  }

  writeKey(writer: ByteWriter, key: Record<string, unknown>): void {
    this.writePartition(writer, key);
    this.writeColumns(writer, this.clustering, key);
  }

  /** Appends as many clustering columns as `prefix` names, in declared order. */
  writeClusteringPrefix(writer: ByteWriter, prefix: Record<string, unknown>): void {
    let named = 0;
    for (const { name } of this.clustering) if (prefix[name] !== undefined) named += 1;
    const columns = this.clustering.slice(0, named);
    this.checkKeyColumns(columns, prefix);
    this.writeColumns(writer, columns, prefix);
    for (const name of Object.keys(prefix)) {
      if (prefix[name] !== undefined && !this.clustering.some((column) => column.name === name)) throw new StorageRefused(`${this.name}.${name} is no clustering column`);
    }
  }

  /** Reads the clustering columns behind the partition key into `row`. */
  readClustering(reader: ByteReader, row: Record<string, unknown>): void {
    for (const { name, type, descending } of this.clustering) row[name] = readKeyColumn(reader, type, descending);
  }

  copyPartition(from: Record<string, unknown>, to: Record<string, unknown>): void {
    for (const { name } of this.partition) to[name] = from[name];
  }

  copyKey(from: Record<string, unknown>, to: Record<string, unknown>): void {
    this.copyPartition(from, to);
    for (const { name } of this.clustering) to[name] = from[name];
  }

  /** The named columns by index; undefined: not named. The array is fresh. */
  columnValues(row: Record<string, unknown>): unknown[] {
    const values: unknown[] = [];
    for (const name of this.names) values.push(row[name]);
    return values;
  }

  private checkKeyColumns(columns: readonly KeyColumn[], key: Record<string, unknown>): number {
    let bytes = 0;
    for (const { name, type } of columns) {
      const value = key[name];
      checkColumn(this.name, name, type, value);
      bytes += type === 'text' ? 2 + Buffer.byteLength(value as string) : type === 'bytes' ? 2 + (value as Uint8Array).length : 9;
    }
    return bytes;
  }

  /** Throws StorageRefused unless the partition key is sound. */
  checkPartition(key: Record<string, unknown>): void {
    this.checkKeyColumns(this.partition, key);
  }

  /** Throws StorageRefused unless the key is sound. */
  checkKey(key: Record<string, unknown>): void {
    const bytes = this.checkKeyColumns(this.partition, key) + this.checkKeyColumns(this.clustering, key);
    if (bytes > KEY_BYTES_MAX) throw new StorageRefused(`${this.name}: a key of ${bytes} bytes; at most ${KEY_BYTES_MAX}`);
  }

  /** Throws StorageRefused unless key and named columns are sound. */
  checkRow(row: Record<string, unknown>): void {
    this.checkKey(row);
    let bytes = 0;
    for (const name in row) {
      const index = this.indexes.get(name);
      if (index === undefined) {
        if (!this.keyNames.has(name)) throw new StorageRefused(`${this.name} has no column ${name}`);
        continue;
      }
      const value = row[name];
      if (value === undefined || value === null) continue;
      checkColumn(this.name, name, this.types[index] as ColumnType, value);
      if (typeof value === 'string' || value instanceof Uint8Array) bytes += value.length;
    }
    if (bytes > ROW_BYTES_MAX) throw new StorageRefused(`${this.name}: a row of ${bytes} bytes; at most ${ROW_BYTES_MAX}`);
  }

  /** Throws StorageRefused when `row` names a column that the table does not have. */
  checkNames(row: Record<string, unknown>): void {
    for (const name in row) if (!this.indexes.has(name) && !this.keyNames.has(name)) throw new StorageRefused(`${this.name} has no column ${name}`);
  }
}
