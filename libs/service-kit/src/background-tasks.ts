import type { Logger } from './kit';

export interface BackgroundTasks {
  /** Starts a task that nobody waits for. At `max` running ones it is dropped with a warning. */
  run(what: string, task: () => Promise<void>): void;
  /** Resolves when none runs. */
  drained(): Promise<void>;
}

export function backgroundTasks(log: Logger, max: number): BackgroundTasks {
  const running = new Set<Promise<void>>();
  return {
    run: (what, task) => {
      if (running.size >= max) {
        log.warn({ what }, 'too many background tasks; one was dropped');
        return;
      }
      const promise: Promise<void> = task()
        .catch((error: unknown) => log.warn({ what, error: error instanceof Error ? { name: error.name, stack: error.stack } : {} }, 'a background task failed'))
        .finally(() => running.delete(promise));
      running.add(promise);
    },
    drained: async () => {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
