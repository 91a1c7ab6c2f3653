import { SENT_REMEMBERED_ROWS } from './limits';
import { SentMemory } from './sent-memory';

describe('the memory of random_ids', () => {
  test('holds exactly the newest, whether seen or read back', () => {
    const all = Array.from({ length: SENT_REMEMBERED_ROWS * 3 }, (_, i) => ({ randomId: BigInt(i), id: i + 2, date: 5 }));
    const seen = new SentMemory();
    for (const sent of all) seen.add(sent.randomId, sent);
    const readBack = new SentMemory();
    for (const sent of all.slice(-SENT_REMEMBERED_ROWS)) readBack.add(sent.randomId, sent);
    for (const { randomId } of all) expect(seen.find(randomId, 5)?.id).toBe(readBack.find(randomId, 5)?.id);
    expect(seen.find(BigInt(SENT_REMEMBERED_ROWS * 2 - 1), 5)).toBeUndefined();
    expect(seen.find(BigInt(SENT_REMEMBERED_ROWS * 2), 5)?.id).toBe(SENT_REMEMBERED_ROWS * 2 + 2);
  });

  test('a random_id that was used again is the newer one\'s when the older use falls out', () => {
    const memory = new SentMemory();
    memory.add(1n, { id: 2, date: 0 });
    memory.add(1n, { id: 3, date: 1_000_000 });
    for (let i = 0; i < SENT_REMEMBERED_ROWS - 1; i += 1) memory.add(BigInt(100 + i), { id: 4 + i, date: 1_000_000 });
    expect(memory.find(1n, 1_000_000)?.id).toBe(3);
  });
});
