import type { Clock, Logger } from './kit';
import { ERRANDS_PAGE_ROWS, ERRANDS_RETRY_MS, ERRANDS_SWEEP_MS } from './limits';

export interface ErrandsOptions<T> {
  /** The other data centers. */
  dcs: readonly number[];
  clock: Pick<Clock, 'every' | 'sleep'>;
  log: Logger;
  /** What is told, for the log. */
  what: string;
  /** Rows that wait for that DC, at most `limit`. */
  list(dc: number, limit: number): Promise<T[]>;
  /** Tells that DC; rejects when it did not take it. Repetition must be harmless: every replica does this. */
  run(dc: number, errand: T): Promise<void>;
  /** Erases the row. */
  done(dc: number, errand: T): Promise<void>;
}

/**
 * What other data centers are owed: stored rows, told every ERRANDS_RETRY_MS until the DC takes them, so that a DC that is down learns it
 * when it is back; and every ERRANDS_SWEEP_MS what another replica left behind. The first that fails ends a DC's turn.
 */
export class Errands<T> {
  private readonly timer: { stop(): void };
  private running: Promise<void> | undefined;
  private again = false;
  private retrying: Promise<void> | undefined;
  private readonly stopped = new AbortController();

  constructor(private readonly options: ErrandsOptions<T>) {
    this.timer = options.clock.every(ERRANDS_SWEEP_MS, () => void this.sweep());
    void this.sweep();
  }

  private get closed(): boolean {
    return this.stopped.signal.aborted;
  }

  /** Tells all that waits now. Sweeps do not overlap: one that runs goes on once more. */
  sweep(): Promise<void> {
    this.again = true;
    this.running ??= this.turns().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async turns(): Promise<void> {
    while (this.again && !this.closed) {
      this.again = false;
      const told = await Promise.all(this.options.dcs.map((dc) => this.tell(dc)));
      if (told.includes(false)) this.retry();
    }
  }

  /** Resolves when nothing is under way. */
  async close(): Promise<void> {
    this.stopped.abort();
    this.timer.stop();
    await this.running;
    await this.retrying;
  }

  private retry(): void {
    this.retrying ??= this.options.clock.sleep(ERRANDS_RETRY_MS, this.stopped.signal).then(() => {
      this.retrying = undefined;
      if (!this.closed) void this.sweep();
    });
  }

  /** False when that DC is still owed something. */
  private async tell(dc: number): Promise<boolean> {
    const { list, run, done, log, what } = this.options;
    try {
      for (;;) {
        const waiting = this.closed ? [] : await list(dc, ERRANDS_PAGE_ROWS);
        for (const errand of waiting) {
          if (this.closed) return true;
          await run(dc, errand);
          await done(dc, errand);
        }
        if (waiting.length < ERRANDS_PAGE_ROWS) return true;
      }
    } catch (error) {
      log.debug({ dc, what, error: error instanceof Error ? error.name : typeof error }, 'another data center is still owed something');
      return false;
    }
  }
}
