import { StorageTimeout, StorageUnavailable } from './errors';
import type { Storage, WriteOperation } from './storage';

/**
 * What happens to a write: `ok`; `timeout-written` and `timeout-lost` both answer StorageTimeout, and the caller can't tell
 * them apart; `unavailable` answers StorageUnavailable, and nothing was written.
 */
export type WriteFault = 'ok' | 'timeout-written' | 'timeout-lost' | 'unavailable';

export interface StorageFaults {
  /** Asked before each write; a conditional write shows its table only (`operations` is empty). */
  write?(table: string, operations: readonly WriteOperation[]): WriteFault;
  /** True: the read answers StorageUnavailable. */
  read?(table: string): boolean;
}

/** The same storage, failing when `faults` says so. */
export function withStorageFaults(storage: Storage, faults: StorageFaults): Storage {
  const write = async <T>(table: string, operations: readonly WriteOperation[], work: () => Promise<T>): Promise<T> => {
    const fault = faults.write?.(table, operations) ?? 'ok';
    if (fault === 'unavailable') throw new StorageUnavailable('unavailable by the test');
    if (fault === 'timeout-lost') throw new StorageTimeout('timed out by the test');
    const result = await work();
    if (fault === 'timeout-written') throw new StorageTimeout('timed out by the test');
    return result;
  };
  const read = async <T>(table: string, work: () => Promise<T>): Promise<T> => {
    if (faults.read?.(table) === true) throw new StorageUnavailable('unavailable by the test');
    return work();
  };
  return {
    get: (table, key) => read(table.name, () => storage.get(table, key)),
    getMany: (table, keys) => read(table.name, () => storage.getMany(table, keys)),
    range: (table, partition, query) => read(table.name, () => storage.range(table, partition, query)),
    put: (table, row, options) => write(table.name, [{ kind: 'put', table, row: row as Record<string, unknown>, ...options }], () => storage.put(table, row, options)),
    delete: (table, key, options) => write(table.name, [{ kind: 'delete', table, key: key as Record<string, unknown>, ...options }], () => storage.delete(table, key, options)),
    insertIfAbsent: (table, row, options) => write(table.name, [], () => storage.insertIfAbsent(table, row, options)),
    replaceIf: (table, key, expected, next) => write(table.name, [], () => storage.replaceIf(table, key, expected, next)),
    deleteIf: (table, key, expected) => write(table.name, [], () => storage.deleteIf(table, key, expected)),
    atomicBatch: (operations) => write(operations[0]?.table.name ?? '', operations, () => storage.atomicBatch(operations)),
    batch: (operations) => write(operations[0]?.table.name ?? '', operations, () => storage.batch(operations)),
    ensureTables: (tables) => storage.ensureTables(tables),
    close: () => storage.close(),
  };
}
