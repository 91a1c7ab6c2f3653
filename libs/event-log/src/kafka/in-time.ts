import type { StorageClock } from '@heliograph/storage/clock';

/** What `work` comes to, or what `late` makes when it takes longer than `ms`. It goes on then, and nobody hears of it. */
export async function inTime<T>(clock: StorageClock, ms: number, work: Promise<T>, late: () => T): Promise<T> {
  const stop = new AbortController();
  work.catch(() => {});
  try {
    return await Promise.race([work, clock.sleep(ms, stop.signal).then(late)]);
  } finally {
    stop.abort();
  }
}
