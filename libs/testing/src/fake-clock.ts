import type { Clock } from '@heliograph/service-kit/kit';

interface Timer {
  due: number;
  order: number;
  fire(): void | Promise<void>;
}

/** A clock that moves only when a test moves it. */
export interface FakeClock extends Clock {
  /** Moves on by `ms`, firing what comes due in order and letting each run before the next. */
  advance(ms: number): Promise<void>;
  /** Sleeps and periodic tasks that wait. */
  readonly waiting: number;
}

/** @param start Unix milliseconds; default 2026-01-01T00:00:00Z */
export function fakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start;
  let order = 0;
  let timers: Timer[] = [];
  const add = (ms: number, fire: () => void | Promise<void>): Timer => {
    const timer = { due: now + Math.max(0, ms), order: (order += 1), fire };
    timers.push(timer);
    return timer;
  };
  const remove = (timer: Timer): void => {
    timers = timers.filter((other) => other !== timer);
  };
  // Lets everything run that a fired timer set in motion, I/O of embedded stores included.
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    now: () => now,
    sleep: (ms, signal) => new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const timer = add(ms, resolve);
      signal?.addEventListener('abort', () => {
        remove(timer);
        resolve();
      }, { once: true });
    }),
    every: (ms, task) => {
      let timer: Timer;
      let stopped = false;
      const arm = (): void => {
        timer = add(ms, async () => {
          // Armed before the task: a task that never ends must not hide that time passes.
          if (!stopped) arm();
          await task();
        });
      };
      arm();
      return {
        stop: () => {
          stopped = true;
          remove(timer);
        },
      };
    },
    advance: async (ms) => {
      const until = now + ms;
      await settle();
      for (;;) {
        const next = timers.filter((timer) => timer.due <= until).sort((a, b) => a.due - b.due || a.order - b.order)[0];
        if (next === undefined) break;
        remove(next);
        now = Math.max(now, next.due);
        // Not awaited: a task may itself sleep on this clock.
        void next.fire();
        await settle();
      }
      now = until;
      await settle();
    },
    get waiting() {
      return timers.length;
    },
  };
}
