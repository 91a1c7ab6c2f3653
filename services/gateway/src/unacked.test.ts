import type { Numbered } from './session';
import { Unacked } from './unacked';

const message = (id: number): Numbered => ({ message: { id: BigInt(id), body: new Uint8Array(4), contentRelated: true, answers: 0n, shared: false }, seqNo: 2 * id + 1 });
/** Those of what is kept; each must have its own number still. */
const ids = (unacked: Unacked): number[] => [...unacked.values()].map(({ message: { id }, seqNo }) => {
  expect(seqNo).toBe(2 * Number(id) + 1);
  return Number(id);
});

test('keeps messages by id, lowest first, each once', () => {
  const unacked = new Unacked(message(5));
  expect([9, 7, 5, 1, 7].map((id) => unacked.add(message(id)))).toEqual([true, true, false, true, false]);
  expect(ids(unacked)).toEqual([1, 5, 7, 9]);
  expect([unacked.size, unacked.oldest?.id, unacked.has(7n), unacked.has(8n), unacked.get(9n)?.seqNo]).toEqual([4, 1n, true, false, 19]);
});

test('gives messages out of the middle, from the front and the end', () => {
  const unacked = new Unacked(message(1));
  for (const id of [2, 3, 4]) unacked.add(message(id));
  expect([unacked.take(3n)?.id, unacked.take(3n), unacked.take(1n)?.id, unacked.take(4n)?.id]).toEqual([3n, undefined, 1n, 4n]);
  expect(ids(unacked)).toEqual([2]);
  expect([unacked.take(2n)?.id, unacked.size, unacked.oldest, unacked.take(2n)]).toEqual([2n, 0, undefined, undefined]);
  expect(unacked.add(message(1))).toBe(true);
  expect(ids(unacked)).toEqual([1]);
});

test('holds what a map holds, whatever comes and goes', () => {
  const unacked = new Unacked(message(0));
  const model = new Set([0]);
  let random = 7;
  for (let step = 1; step < 5_000; step += 1) {
    random = (random * 48_271) % 2_147_483_647;
    // Mostly the highest comes and the lowest goes.
    const id = random % 10 === 0 ? random % 300 : step;
    if (random % 3 > 0) expect(unacked.add(message(id))).toBe(!model.has(id) && model.add(id).size > 0);
    else {
      const gone = random % 20 === 0 ? id : Math.min(...model);
      expect(unacked.take(BigInt(Number.isFinite(gone) ? gone : 0)) !== undefined).toBe(model.delete(gone));
    }
  }
  expect(ids(unacked)).toEqual([...model].sort((one, other) => one - other));
});
