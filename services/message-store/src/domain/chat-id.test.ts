import { chatIdFrom } from './chat-id';

const of = (n: number, dc = 2): number => {
  const random = Buffer.alloc(4);
  random.writeUInt32LE(n);
  return chatIdFrom(random, dc);
};

test.each([0, 1, 2 ** 15 - 1, 2 ** 15, 2 ** 30 - 1, 2 ** 30, 2 ** 32 - 1])('an id from %i is of its DC and within its range', (n) => {
  for (const dc of [1, 2, 31]) {
    const id = of(n, dc);
    expect(id % 32).toBe(dc);
    expect(id).toBeGreaterThanOrEqual(2 ** 20);
    expect(id).toBeLessThan(2 ** 35);
  }
});

// 1001·10^k and what lies just below 101·10^k, as many digits as ids have.
test.each([1_001_000, 1_009_999, 10_010_000, 10_099_999, 1_001_234_567, 1_009_999_999, 10_012_345_678, 10_099_999_999])('an id near %i is no channel to libraries that go by its first digits', (near) => {
  const id = of(Math.floor(near / 32));
  expect(String(-id)).not.toMatch(/-100[^0]/);
  expect(id % 32).toBe(2);
  expect(id).toBeLessThan(2 ** 35);
});
