/** The part of the process's clock that the embedded adapters need (service-kit's Clock has it). */
export interface StorageClock {
  /** Unix milliseconds. */
  now(): number;
  /** Resolves after `ms`, or when `signal` aborts; rejects never. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  every(ms: number, task: () => void | Promise<void>): { stop(): void };
}

/** This process's clock. */
export const processClock: StorageClock = {
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
    const timer = setInterval(() => void task(), ms);
    timer.unref();
    return { stop: () => clearInterval(timer) };
  },
};
