import { StorageRefused } from './errors';
import { TABLES_MAX } from './limits';
import type { OrderedEngine } from './ordered-engine';
import { CATALOG_TAG, type CatalogTable, catalogEntry, TableCodec } from './table-codec';
import type { Table } from './table';

/** What an environment remembers by name: tables and topics. Shared by all adapters on the environment. */
export class Catalog {
  private readonly entries = new Map<string, unknown>();
  private readonly codecs = new Map<number, TableCodec>();
  private byTable = new WeakMap<Table, TableCodec>();

  constructor(private readonly engine: OrderedEngine) {
    engine.range(Buffer.from([CATALOG_TAG]), Buffer.from([CATALOG_TAG + 1]), false, (key, value) => {
      this.entries.set(key.subarray(1).toString(), JSON.parse(value.toString()));
      return true;
    });
    for (const entry of this.list<CatalogTable>('table')) this.codecs.set(entry.id, new TableCodec(entry));
  }

  find<T>(kind: string, name: string): T | undefined {
    return this.entries.get(`${kind}/${name}`) as T | undefined;
  }

  list<T>(kind: string): T[] {
    return [...this.entries].filter(([key]) => key.startsWith(`${kind}/`)).map(([, value]) => value as T);
  }

  /** Remembers; durable with the group. */
  store(kind: string, name: string, value: unknown): void {
    const key = `${kind}/${name}`;
    const operation = this.engine.begin();
    const { writer } = this.engine;
    writer.byte(CATALOG_TAG);
    writer.raw(Buffer.from(key));
    const keyEnd = writer.position;
    writer.raw(Buffer.from(JSON.stringify(value)));
    this.engine.put(operation, keyEnd);
    this.entries.set(key, value);
  }

  /** Makes or extends the table; throws StorageRefused when the declaration does not fit what is there. */
  ensureTable(table: Table): void {
    const stored = this.find<CatalogTable>('table', table.name);
    const entry = catalogEntry(table, stored, this.codecs.size + 1);
    if (entry.id > TABLES_MAX) throw new StorageRefused(`more than ${TABLES_MAX} tables in one keyspace`);
    if (stored !== undefined && stored.columns.length === entry.columns.length) return;
    this.store('table', table.name, entry);
    this.codecs.set(entry.id, new TableCodec(entry));
    this.byTable = new WeakMap();
  }

  codec(table: Table): TableCodec {
    const known = this.byTable.get(table);
    if (known !== undefined) return known;
    const entry = this.find<CatalogTable>('table', table.name);
    const codec = entry === undefined ? undefined : this.codecs.get(entry.id);
    if (codec === undefined) throw new StorageRefused(`table ${table.name} is not there: name it in ensureTables at start`);
    this.byTable.set(table, codec);
    return codec;
  }

  codecById(id: number): TableCodec | undefined {
    return this.codecs.get(id);
  }
}

