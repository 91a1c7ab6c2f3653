import { Catalog } from './catalog';
import { processClock, type StorageClock } from './clock';
import { StorageUnavailable } from './errors';
import { SWEEP_INTERVAL_MS } from './limits';
import { MemoryEngine } from './memory-engine';
import type { Storage } from './storage';
import { type Keyspace, TableStore } from './table-store';

/** Which changes that were not durable outlive a crash, by the number of their group (0 is the oldest) and their key. */
export type Survives = (group: number, key: Buffer) => boolean;

/**
 * What a memory storage and a memory log are kept on: one commit order, as the embedded adapters have, whose durability and
 * failures a test decides. For unit tests and the simulator; it passes the ports' contract suites.
 */
export class MemoryDisk {
  private engines: { dc: MemoryEngine; directory: MemoryEngine };
  private keyspaces: { dc: Keyspace; directory: Keyspace };

  /** @param options.flush `at-once` (default): durable at the end of the turn; `by-hand`: when `flush` is called */
  constructor(private readonly options: { flush?: 'at-once' | 'by-hand' } = {}) {
    const atOnce = options.flush !== 'by-hand';
    this.engines = { dc: new MemoryEngine(atOnce), directory: new MemoryEngine(atOnce) };
    this.keyspaces = this.makeKeyspaces();
  }

  private makeKeyspaces(): { dc: Keyspace; directory: Keyspace } {
    const { dc, directory } = this.engines;
    return { dc: { engine: dc, catalog: new Catalog(dc) }, directory: { engine: directory, catalog: new Catalog(directory) } };
  }

  /** What is opened now is opened on these. */
  get current(): { dc: Keyspace; directory: Keyspace } {
    return this.keyspaces;
  }

  /** Groups (what was written in one turn) that are not durable. */
  get waiting(): number {
    return this.engines.dc.waiting + this.engines.directory.waiting;
  }

  /** Makes the oldest `groups` durable, of each keyspace; default all. */
  flush(groups?: number): void {
    this.engines.dc.flush(groups);
    this.engines.directory.flush(groups);
  }

  /**
   * kill −9: what is not durable is lost (but for what `survives` keeps), waiting promises reject with StorageUnavailable, and
   * what was opened before fails for ever. Open anew to go on.
   */
  crash(survives?: Survives): void {
    const atOnce = this.options.flush !== 'by-hand';
    this.engines = {
      dc: new MemoryEngine(atOnce, this.engines.dc.crash(survives)),
      directory: new MemoryEngine(atOnce, this.engines.directory.crash(survives)),
    };
    this.keyspaces = this.makeKeyspaces();
  }

  /** A full disk: from now on everything fails until `crash` and a new open. */
  fail(message = 'the disk is full'): void {
    this.engines.dc.fail(new StorageUnavailable(message));
    this.engines.directory.fail(new StorageUnavailable(message));
  }
}

/** The storage port in memory. @param options.disk shared with the memory log, and with the next open after a crash; default: its own */
export function openMemoryStorage(options: { disk?: MemoryDisk; clock?: StorageClock } = {}): Storage {
  const clock = options.clock ?? processClock;
  const storage: TableStore = new TableStore((options.disk ?? new MemoryDisk()).current, clock, async () => sweeps.stop());
  const sweeps = clock.every(SWEEP_INTERVAL_MS, () => {
    try {
      storage.sweep();
    } catch {
      // A crashed disk sweeps nothing.
      sweeps.stop();
    }
  });
  return storage;
}
