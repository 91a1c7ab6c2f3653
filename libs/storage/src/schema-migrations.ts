import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StorageRefused } from './errors';
import type { ColumnType, Table } from './table';

/**
 * One step of the schema's history, a file `schema/migrations/<version>-<name>.json`. Steps that expand (tables, columns) leave code that runs
 * as it was; steps that contract (drops) come in a later version, when no code that used what goes may run any more, and say so by `oldestCode`.
 */
export interface Migration {
  /** 1, 2, 3 …, without gaps. */
  version: number;
  /** The oldest code that may run once this is applied, by the schema version that the code was built for. */
  oldestCode: number;
  why: string;
  createTables?: Table[];
  addColumns?: { table: string; columns: Record<string, ColumnType> }[];
  dropTables?: string[];
  dropColumns?: { table: string; columns: string[] }[];
}

/** What the code of this checkout is built for (schema/version.json). */
export interface SchemaVersion {
  version: number;
  oldestCode: number;
}

/** What all migrations together make. */
export interface Schema extends SchemaVersion {
  tables: ReadonlyMap<string, Table>;
  /** Gone: by name, with the keyspace that they were in. */
  droppedTables: ReadonlyMap<string, Table['keyspace']>;
  droppedColumns: ReadonlyMap<string, readonly string[]>;
}

/** The folder `schema` of the checkout or image that this file is in. */
export const SCHEMA_FOLDER = join(__dirname, '..', '..', '..', 'schema');

const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

export function readSchemaVersion(folder = SCHEMA_FOLDER): SchemaVersion {
  return readJson(join(folder, 'version.json'));
}

/** All migrations, in order. */
export function readMigrations(folder = SCHEMA_FOLDER): Migration[] {
  const files = readdirSync(join(folder, 'migrations')).filter((name) => name.endsWith('.json')).sort();
  return files.map((name) => {
    const migration = readJson<Migration>(join(folder, 'migrations', name));
    if (Number(name.split('-')[0]) !== migration.version) throw new StorageRefused(`schema/migrations/${name} says version ${migration.version}`);
    return migration;
  });
}

/** Throws StorageRefused where a migration does not follow from the ones before it. */
export function foldMigrations(migrations: readonly Migration[]): Schema {
  const tables = new Map<string, Table>();
  const droppedTables = new Map<string, Table['keyspace']>();
  const droppedColumns = new Map<string, string[]>();
  /** By table, and by table.column. */
  const madeAt = new Map<string, number>();
  let before: SchemaVersion = { version: 0, oldestCode: 0 };
  for (const migration of migrations) {
    const { version, oldestCode, createTables = [], addColumns = [], dropTables = [], dropColumns = [] } = migration;
    const refuse = (what: string): never => {
      throw new StorageRefused(`migration ${version}: ${what}`);
    };
    const existing = (name: string): Table => tables.get(name) ?? refuse(`there is no table ${name}`);
    if (version !== before.version + 1) refuse(`comes after ${before.version}`);
    if (oldestCode > version || oldestCode < before.oldestCode) refuse(`oldestCode ${oldestCode} lies between ${before.oldestCode} and ${version}`);
    for (const gone of [...dropTables, ...dropColumns.flatMap(({ table, columns }) => columns.map((column) => `${table}.${column}`))]) {
      if (oldestCode <= (madeAt.get(gone) ?? 0)) refuse(`drops ${gone}, which code for version ${oldestCode} may use: oldestCode is the first version whose code did not use it`);
    }
    for (const table of createTables) {
      if (tables.has(table.name) || droppedTables.has(table.name)) refuse(`table ${table.name} was there already; choose another name`);
      tables.set(table.name, table);
      madeAt.set(table.name, version);
      for (const column of Object.keys(table.columns)) madeAt.set(`${table.name}.${column}`, version);
    }
    for (const { table: name, columns } of addColumns) {
      const table = existing(name);
      for (const column of Object.keys(columns)) madeAt.set(`${name}.${column}`, version);
      for (const column of Object.keys(columns)) {
        if (Object.hasOwn(table.columns, column) || droppedColumns.get(name)?.includes(column)) refuse(`column ${name}.${column} was there already; choose another name`);
      }
      tables.set(name, { ...table, columns: { ...table.columns, ...columns } });
    }
    for (const { table: name, columns } of dropColumns) {
      const table = existing(name);
      const left: Record<string, ColumnType> = { ...table.columns };
      for (const column of columns) {
        if (!Object.hasOwn(left, column)) refuse(`there is no column ${name}.${column}`);
        delete left[column];
      }
      tables.set(name, { ...table, columns: left });
      droppedColumns.set(name, [...(droppedColumns.get(name) ?? []), ...columns]);
    }
    for (const name of dropTables) {
      droppedTables.set(name, existing(name).keyspace);
      tables.delete(name);
      droppedColumns.delete(name);
    }
    before = { version, oldestCode };
  }
  return { ...before, tables, droppedTables, droppedColumns };
}

/** A declaration as a migration holds it: its names and types, nothing else. */
export function plainTable({ name, keyspace, partition, clustering, columns, ttlSeconds, writes }: Table): Table {
  return { name, keyspace, partition, clustering, columns, ...(ttlSeconds === undefined ? {} : { ttlSeconds }), writes };
}

/**
 * The migration that leads from what the others make to what the services declare; undefined when there is nothing to do. Only what expands:
 * drops are written by hand, when their time has come. Throws StorageRefused for a change that no migration can make.
 */
export function migrationTo(declared: readonly Table[], migrations: readonly Migration[], why: string): Migration | undefined {
  const schema = foldMigrations(migrations);
  const createTables: Table[] = [];
  const addColumns: NonNullable<Migration['addColumns']> = [];
  for (const table of declared) {
    const there = schema.tables.get(table.name);
    if (there === undefined) {
      createTables.push(plainTable(table));
      continue;
    }
    const shape = ({ keyspace, partition, clustering, ttlSeconds, writes }: Table): string => JSON.stringify([keyspace, Object.entries(partition), Object.entries(clustering), ttlSeconds, writes]);
    if (shape(table) !== shape(there)) throw new StorageRefused(`table ${table.name}: keyspace, key, TTL and kind of writes never change; declare a table of a new name and move its rows`);
    const columns = Object.entries(table.columns as Record<string, ColumnType>).filter(([name]) => !Object.hasOwn(there.columns, name));
    for (const [name, type] of Object.entries(table.columns as Record<string, ColumnType>)) {
      if (Object.hasOwn(there.columns, name) && there.columns[name] !== type) throw new StorageRefused(`column ${table.name}.${name}: a type never changes; declare a column of a new name`);
    }
    if (columns.length > 0) addColumns.push({ table: table.name, columns: Object.fromEntries(columns) });
  }
  if (createTables.length + addColumns.length === 0) return undefined;
  return {
    version: schema.version + 1,
    oldestCode: Math.max(schema.oldestCode, 1),
    why,
    ...(createTables.length > 0 ? { createTables } : {}),
    ...(addColumns.length > 0 ? { addColumns } : {}),
  };
}
