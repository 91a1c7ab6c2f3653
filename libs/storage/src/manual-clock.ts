import type { StorageClock } from './clock';

/** A clock for contract suites: time moves when told, and what is due runs then. */
export class ManualClock implements StorageClock {
  private time = Date.UTC(2026, 0, 1);
  private tasks: { every: number; due: number; task: () => void | Promise<void> }[] = [];
  private sleepers: { due: number; wake: () => void }[] = [];

  now(): number {
    return this.time;
  }

  every(ms: number, task: () => void | Promise<void>): { stop(): void } {
    const entry = { every: ms, due: this.time + ms, task };
    this.tasks.push(entry);
    return {
      stop: () => {
        this.tasks = this.tasks.filter((other) => other !== entry);
      },
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.sleepers.push({ due: this.time + ms, wake: resolve });
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Moves time on; each periodic task that came due runs once. */
  async advance(ms: number): Promise<void> {
    this.time += ms;
    for (const entry of [...this.tasks]) {
      if (entry.due > this.time || !this.tasks.includes(entry)) continue;
      entry.due = this.time + entry.every;
      await entry.task();
    }
    const due = this.sleepers.filter((sleeper) => sleeper.due <= this.time);
    this.sleepers = this.sleepers.filter((sleeper) => sleeper.due > this.time);
    for (const { wake } of due) wake();
  }
}
