import type { WriteOperation } from '@heliograph/storage/storage';
import type { Table } from '@heliograph/storage/table';

type Cell = { version: bigint; value: unknown };
interface StoredRow {
  key: unknown[];
  cells: Map<string, Cell>;
}

export interface RangeOptions {
  from?: Record<string, unknown>;
  fromExclusive?: boolean;
  to?: Record<string, unknown>;
  toExclusive?: boolean;
  limit: number;
  reverse?: boolean;
}

/** Tables as the storage port promises them, with nothing asynchronous about them: per column the newest version wins. */
export class VersionedStore {
  private partitions = new Map<string, StoredRow[]>();

  /** As of now; later writes to either don't show in the other. */
  copy(): VersionedStore {
    const copy = new VersionedStore();
    for (const [name, rows] of this.partitions) copy.partitions.set(name, rows.map((row) => ({ key: row.key, cells: new Map(row.cells) })));
    return copy;
  }

  apply(operation: WriteOperation): void {
    if (operation.kind !== 'put') throw new Error('the engine deletes no rows');
    const { table, row, version } = operation;
    if (version === undefined) throw new Error(`a write to ${table.name} without a version`);
    const rows = this.rows(partitionName(table, row), true);
    const key = clusteringOf(table, row);
    const place = this.place(table, rows, key);
    let stored = rows[place];
    if (stored === undefined || compareKeys(table, stored.key, key) !== 0) {
      stored = { key, cells: new Map() };
      rows.splice(place, 0, stored);
    }
    for (const column of Object.keys(table.columns)) {
      if (!(column in row)) continue;
      const before = stored.cells.get(column);
      if (before === undefined || version >= before.version) stored.cells.set(column, { version, value: row[column] });
    }
  }

  get(table: Table, key: Record<string, unknown>): Record<string, unknown> | undefined {
    const rows = this.rows(partitionName(table, key), false);
    const wanted = clusteringOf(table, key);
    const found = rows[this.place(table, rows, wanted)];
    return found !== undefined && compareKeys(table, found.key, wanted) === 0 ? this.view(table, key, found) : undefined;
  }

  range(table: Table, partition: Record<string, unknown>, options: RangeOptions): Record<string, unknown>[] {
    const from = prefixOf(table, options.from);
    const to = prefixOf(table, options.to);
    const found = this.rows(partitionName(table, partition), false).filter((row) => {
      const low = compareKeys(table, row.key, from);
      const high = compareKeys(table, row.key, to);
      return (options.fromExclusive ? low > 0 : low >= 0) && (options.toExclusive ? high < 0 : high <= 0);
    });
    if (options.reverse) found.reverse();
    return found.slice(0, options.limit).map((row) => this.view(table, partition, row));
  }

  /** Every row of a table, for judges. */
  *all(table: Table): Generator<Record<string, unknown>> {
    for (const [name, rows] of this.partitions) {
      if (!name.startsWith(`${table.name}|`)) continue;
      const partition = JSON.parse(name.slice(table.name.length + 1)) as Record<string, unknown>;
      for (const row of rows) yield this.view(table, partition, row);
    }
  }

  /** Forgets a table. */
  drop(table: Table): void {
    for (const name of [...this.partitions.keys()]) if (name.startsWith(`${table.name}|`)) this.partitions.delete(name);
  }

  private rows(name: string, make: boolean): StoredRow[] {
    let rows = this.partitions.get(name);
    if (rows === undefined) {
      rows = [];
      if (make) this.partitions.set(name, rows);
    }
    return rows;
  }

  private place(table: Table, rows: readonly StoredRow[], key: unknown[]): number {
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(table, (rows[middle] as StoredRow).key, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private view(table: Table, partition: Record<string, unknown>, row: StoredRow): Record<string, unknown> {
    const view: Record<string, unknown> = {};
    for (const column of Object.keys(table.partition)) view[column] = partition[column];
    Object.keys(table.clustering).forEach((column, index) => { view[column] = row.key[index]; });
    for (const column of Object.keys(table.columns)) view[column] = row.cells.get(column)?.value ?? null;
    return view;
  }
}

function partitionName(table: Table, row: Record<string, unknown>): string {
  const partition: Record<string, unknown> = {};
  for (const column of Object.keys(table.partition)) partition[column] = typeof row[column] === 'bigint' ? String(row[column]) : row[column];
  return `${table.name}|${JSON.stringify(partition)}`;
}

function clusteringOf(table: Table, row: Record<string, unknown>): unknown[] {
  return Object.keys(table.clustering).map((column) => row[column]);
}

function prefixOf(table: Table, bound: Record<string, unknown> | undefined): unknown[] {
  const prefix: unknown[] = [];
  for (const column of Object.keys(table.clustering)) {
    if (bound === undefined || !(column in bound)) break;
    prefix.push(bound[column]);
  }
  return prefix;
}

/** In clustering order, as far as the shorter of the two goes. */
function compareKeys(table: Table, a: unknown[], b: unknown[]): number {
  const columns = Object.values(table.clustering) as ({ order: 'asc' | 'desc' } | string)[];
  for (let i = 0; i < a.length && i < b.length; i += 1) {
    const x = a[i] as number;
    const y = b[i] as number;
    if (x === y) continue;
    const order = x < y ? -1 : 1;
    const column = columns[i];
    return typeof column === 'object' && column.order === 'desc' ? -order : order;
  }
  return 0;
}
