/** The part of the process's clock that the embedded adapters need (service-kit's Clock has it). */
export interface StorageClock {
  /** Unix milliseconds. */
  now(): number;
  every(ms: number, task: () => void | Promise<void>): { stop(): void };
}

/** This process's clock. */
export const processClock: StorageClock = {
  now: () => Date.now(),
  every: (ms, task) => {
    const timer = setInterval(() => void task(), ms);
    timer.unref();
    return { stop: () => clearInterval(timer) };
  },
};
