import { believedDc } from './believed-dc';

test.each<[requested: number | undefined, own: number, believed: number]>([
  [undefined, 2, 2],
  [0, 2, 2],
  [2, 2, 2],
  [1, 2, 1],
  [5, 2, 5],
  [-4, 2, 4],
  [10_001, 2, 1],
  [-10_003, 2, 3],
  // Noise of clients that don't care.
  [6, 2, 2],
  [-31_234, 2, 2],
  [10_000, 2, 2],
  [20_001, 2, 2],
  // A data center that Telegram doesn't have.
  [7, 7, 7],
])('a client that asked for %p reaches DC %i and believes to be on DC %i', (requested, own, believed) => {
  expect(believedDc(requested, own)).toBe(believed);
});
