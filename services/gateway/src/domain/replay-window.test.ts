import { ReplayWindow } from './replay-window';

describe('ReplayWindow', () => {
  test('tells new, duplicate and too old apart, in any order of arrival', () => {
    const window = new ReplayWindow();
    for (const id of [40n, 8n, 24n, 16n]) {
      expect(window.classify(id)).toBe('new');
      window.add(id, 0);
      expect(window.classify(id)).toBe('duplicate');
    }
    expect(window.classify(12n)).toBe('new');
  });

  test('folds the lower half into a floor at its bound, and never forgets a duplicate above it', () => {
    const window = new ReplayWindow(8);
    for (let id = 4n; id <= 36n; id += 4n) window.add(id, 0);
    expect(window.size).toBe(5);
    expect(window.classify(16n)).toBe('too-old');
    expect(window.classify(14n)).toBe('too-old');
    expect(window.classify(20n)).toBe('duplicate');
    expect(window.classify(40n)).toBe('new');
  });

  test.each([
    // received before [id, seq], then id, seq, expected fault
    [[[8, 1]], 16, 3, undefined],
    [[[8, 1]], 16, 1, 32],
    [[[8, 5]], 16, 3, 32],
    [[[16, 3]], 8, 3, 33],
    [[[16, 3]], 8, 5, 33],
    [[[16, 3]], 8, 1, undefined],
    [[[8, 1], [24, 5]], 16, 3, undefined],
    [[[8, 1], [12, 2], [24, 5]], 16, 1, 32],
    // Even numbers are never in the way, and never compared.
    [[[8, 6]], 16, 1, undefined],
    [[[8, 5]], 16, 2, undefined],
    [[[16, 1]], 8, 4, undefined],
  ] as [number[][], number, number, number | undefined][])('after %j, message %d with sequence number %d gives %p', (before, id, seqNo, fault) => {
    const window = new ReplayWindow();
    for (const [earlierId, earlierSeqNo] of before) window.add(BigInt(earlierId as number), earlierSeqNo as number);
    expect(window.sequenceFault(BigInt(id), seqNo)).toBe(fault);
  });
});
