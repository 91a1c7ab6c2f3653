import assert from 'node:assert/strict';

export function medianOf(times: readonly number[]): number {
  return percentileOf(times, 0.5);
}

/** `share` of 0.99: the 99th percentile. */
export function percentileOf(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Fails when the medians of two kinds lie further apart than `ratioMax`. Samples must be taken in turn, so that the machine's noise hits all kinds alike. */
export function compareMedians(kinds: readonly { name: string; times: readonly number[] }[], ratioMax: number): void {
  const medians = kinds.map(({ name, times }) => ({ name, median: medianOf(times) })).sort((a, b) => a.median - b.median);
  const [fastest] = medians;
  const slowest = medians.at(-1);
  if (fastest === undefined || slowest === undefined) return;
  assert.ok(slowest.median <= fastest.median * ratioMax, `${slowest.name} takes ${slowest.median.toFixed(2)} ms, ${fastest.name} ${fastest.median.toFixed(2)} ms`);
}
