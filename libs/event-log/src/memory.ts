import { processClock, type StorageClock } from '@heliograph/storage/clock';
import { MemoryDisk } from '@heliograph/storage/memory';
import type { EventLog } from './event-log';
import { TRIM_INTERVAL_MS } from './limits';
import { LogStore } from './log-store';

/** The event-log port in memory. @param options.disk shared with the memory storage, and with the next open after a crash; default: its own */
export function openMemoryEventLog(options: { disk?: MemoryDisk; clock?: StorageClock } = {}): EventLog {
  const clock = options.clock ?? processClock;
  const { engine, catalog } = (options.disk ?? new MemoryDisk()).current.dc;
  const log: LogStore = new LogStore(engine, catalog, clock, async () => trims.stop());
  const trims = clock.every(TRIM_INTERVAL_MS, () => {
    try {
      log.trim();
    } catch {
      // A crashed disk trims nothing.
      trims.stop();
    }
  });
  return log;
}
