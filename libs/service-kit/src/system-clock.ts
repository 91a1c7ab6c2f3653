import type { Clock, Logger } from './kit';

/** Wall clock and timers of this process. A failing `every` task is logged and runs again; a slow one is never started twice. */
export function systemClock(log: () => Logger): Clock {
  return {
    now: () => Date.now(),
    sleep: (ms, signal) => new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done);
    }),
    every: (ms, task) => {
      let running = false;
      const timer = setInterval(async () => {
        if (running) return;
        running = true;
        try {
          await task();
        } catch (error) {
          log().error({ err: error }, 'periodic task failed');
        } finally {
          running = false;
        }
      }, ms);
      timer.unref();
      return { stop: () => clearInterval(timer) };
    },
  };
}
