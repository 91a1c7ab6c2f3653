import type { Clock, Logger } from './kit';
import { ERRANDS_INTERVAL_MS, ERRANDS_PAGE_ROWS } from './limits';

export interface ErrandsOptions<T> {
  /** The other data centers. */
  dcs: readonly number[];
  clock: Pick<Clock, 'every'>;
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
 * What other data centers are owed: stored rows, told every ERRANDS_INTERVAL_MS until the DC takes them, so that a DC that is down learns
 * it when it is back. The first that fails ends a DC's turn.
 */
export class Errands<T> {
  private readonly timer: { stop(): void };
  private running: Promise<void> | undefined;
  private again = false;
  private closed = false;

  constructor(private readonly options: ErrandsOptions<T>) {
    this.timer = options.clock.every(ERRANDS_INTERVAL_MS, () => void this.sweep());
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
      await Promise.all(this.options.dcs.map((dc) => this.tell(dc)));
    }
  }

  /** Resolves when nothing is under way. */
  async close(): Promise<void> {
    this.closed = true;
    this.timer.stop();
    await this.running;
  }

  private async tell(dc: number): Promise<void> {
    const { list, run, done, log, what } = this.options;
    try {
      for (;;) {
        const waiting = this.closed ? [] : await list(dc, ERRANDS_PAGE_ROWS);
        for (const errand of waiting) {
          if (this.closed) return;
          await run(dc, errand);
          await done(dc, errand);
        }
        if (waiting.length < ERRANDS_PAGE_ROWS) return;
      }
    } catch (error) {
      log.debug({ dc, what, error: error instanceof Error ? error.name : typeof error }, 'another data center is still owed something');
    }
  }
}
