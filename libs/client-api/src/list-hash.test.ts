import { listHash } from './list-hash';

describe('listHash', () => {
  it.each([
    [[], 0n],
    [[1], 1n],
    // 1 ^ (1 << 35) ^ ((1 ^ 1 << 35) >> 4) + 2
    [[1, 2], (1n ^ (1n << 35n) ^ (1n << 31n)) + 2n],
  ])('of %j', (ids, hash) => {
    expect(listHash(ids)).toBe(hash);
  });

  it('depends on the order', () => {
    expect(listHash([1, 2, 3])).not.toBe(listHash([3, 2, 1]));
  });
});
