import { processClock, type StorageClock } from './clock';
import { type Environment, shareEnvironment } from './environment';
import { SWEEP_INTERVAL_MS } from './limits';
import type { Storage } from './storage';
import { TableStore } from './table-store';

export interface EmbeddedStorageOptions {
  /** The data center's folder. */
  folder: string;
  /** The folder of the tables with keyspace `directory`, shared by all data centers of the process. */
  directory: string;
  /** Default: this process's clock. */
  clock?: StorageClock;
}

/**
 * The storage port on local disk (ADR 0005). Writes resolve when they are flushed and are visible at once.
 * Throws StorageUnavailable, saying what to do, when a folder is in use, damaged or cannot be written.
 */
export async function openEmbeddedStorage(options: EmbeddedStorageOptions): Promise<{ storage: Storage; environment: Environment }> {
  const clock = options.clock ?? processClock;
  const dc = await shareEnvironment(options.folder, clock);
  const directory = await shareEnvironment(options.directory, clock).catch(async (error: unknown) => {
    await dc.release();
    throw error;
  });
  let sweeps: { stop(): void };
  const storage = new TableStore(
    {
      dc: { engine: dc.environment, catalog: dc.environment.catalog },
      directory: { engine: directory.environment, catalog: directory.environment.catalog },
    },
    clock,
    async () => {
      sweeps.stop();
      await dc.release();
      await directory.release();
    },
  );
  sweeps = clock.every(SWEEP_INTERVAL_MS, () => {
    // A failed environment has told its listeners; there is nothing to sweep.
    if (dc.environment.failed || directory.environment.failed) sweeps.stop();
    else storage.sweep();
  });
  return { storage, environment: dc.environment };
}
