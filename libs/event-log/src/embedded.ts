import { processClock, type StorageClock } from '@heliograph/storage/clock';
import { openEmbeddedStorage } from '@heliograph/storage/embedded';
import { shareEnvironment } from '@heliograph/storage/environment';
import type { StorageUnavailable } from '@heliograph/storage/errors';
import type { Storage } from '@heliograph/storage/storage';
import type { EventLog } from './event-log';
import { TRIM_INTERVAL_MS } from './limits';
import { LogStore } from './log-store';

export interface EmbeddedOptions {
  /** The data center's folder: its tables and topics, in one commit order. */
  folder: string;
  /** The folder of the tables with keyspace `directory`, shared by all data centers of the process. */
  directory: string;
  /** Default: this process's clock. */
  clock?: StorageClock;
  /** Told once when the store can't go on (a full disk, a damaged file). The process should end: it starts anew from what is durable. */
  onFailure?: (error: StorageUnavailable) => void;
}

/**
 * Storage and event log on local disk (ADR 0005). What is closed last closes the folder; both must be closed.
 * Throws StorageUnavailable, saying what to do, when a folder is in use, damaged or cannot be written.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<{ storage: Storage; eventLog: EventLog }> {
  const clock = options.clock ?? processClock;
  const { storage } = await openEmbeddedStorage({ folder: options.folder, directory: options.directory, clock });
  const { environment, release } = await shareEnvironment(options.folder, clock);
  const directory = await shareEnvironment(options.directory, clock);
  if (options.onFailure !== undefined) {
    environment.onFailure(options.onFailure);
    directory.environment.onFailure(options.onFailure);
  }
  await directory.release();
  const eventLog = new LogStore(environment, environment.catalog, clock, async () => {
    trims.stop();
    await release();
  });
  const trims = clock.every(TRIM_INTERVAL_MS, () => {
    // A failed environment has told its listeners; there is nothing to trim.
    if (environment.failed) trims.stop();
    else eventLog.trim();
  });
  return { storage, eventLog };
}
