import type { Storage, WriteOperation } from '@heliograph/storage/storage';
import type { Table } from '@heliograph/storage/table';

type Plain = Record<string, unknown>;

/** Remembers the keys of all rows that were ever written, so that a test can look which of them are still there. */
export class RowsSeen {
  private readonly seen = new Map<string, { table: Table; key: Plain }>();
  private storage: Storage | undefined;

  /** The storage, watched from now on. */
  watch(storage: Storage): Storage {
    this.storage = storage;
    const note = (table: Table, row: Plain): void => this.note(table, row);
    const noteAll = (operations: readonly WriteOperation[]): void => {
      for (const operation of operations) if (operation.kind === 'put') note(operation.table, operation.row);
    };
    return new Proxy(storage, {
      get: (target, name: keyof Storage) => {
        const method = target[name];
        if (typeof method !== 'function') return method;
        return (...args: unknown[]) => {
          if (name === 'put' || name === 'insertIfAbsent' || name === 'replaceIf') note(args[0] as Table, args[1] as Plain);
          if (name === 'batch' || name === 'atomicBatch') noteAll(args[0] as WriteOperation[]);
          return (method as (...all: unknown[]) => unknown).apply(target, args);
        };
      },
    });
  }

  private note(table: Table, row: Plain): void {
    const key = Object.fromEntries([...Object.keys(table.partition), ...Object.keys(table.clustering)].map((column) => [column, row[column]]));
    const name = Object.values(key).map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value))).join('/');
    this.seen.set(`${table.name}/${name}`, { table, key });
  }

  /** Rows that are there and name that user in a key or a column, as `table/key/…`, in the keyspace of the data center. */
  async naming(userId: number): Promise<string[]> {
    const found: string[] = [];
    for (const [name, { table, key }] of this.seen) {
      if (table.keyspace !== 'dc') continue;
      const row = await this.storage?.get(table, key as never) as Plain | undefined;
      if (row && Object.values(row).some((value) => value === userId || (typeof value === 'string' && value.split(':').includes(String(userId))))) found.push(name);
    }
    return found.sort();
  }
}
