import { Pace } from './pace';

/** Runs requests that come at `times`, each needing no time; answers when they begin. */
function begun(times: readonly number[], everyMs: number, burst: number): number[] {
  let now = 0;
  const pace = new Pace(everyMs, burst, { sleep: async () => {} }, () => now);
  return times.map((time) => {
    now = Math.max(now, time);
    now += Math.max(0, pace.waitMs);
    pace.begin();
    return now;
  });
}

test('what comes after a silence begins at once, as many as a burst', () => {
  expect(begun([0, 1, 2, 1_000, 1_001, 1_002], 10, 3)).toEqual([0, 1, 2, 1_000, 1_001, 1_002]);
});

test('a stream is spaced evenly once its burst is spent', () => {
  const times = begun(Array.from({ length: 50 }, () => 0), 10, 3);
  expect(times.slice(0, 6)).toEqual([0, 0, 0, 10, 20, 30]);
  expect(times.at(-1)).toBe(470);
});

test('what comes slower than the pace never waits', () => {
  const times = Array.from({ length: 50 }, (_, i) => i * 11);
  expect(begun(times, 10, 1)).toEqual(times);
});
