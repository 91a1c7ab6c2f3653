import { MessageIds, checkClientMessageId, messageIdSeconds } from './message-id';

describe('server message ids', () => {
  test('rise, name their kind, and follow the clock', () => {
    let now = 1_700_000_000_500;
    const ids = new MessageIds(() => now);
    const seen: bigint[] = [];
    for (let i = 0; i < 1_000; i++) {
      seen.push(i % 3 === 0 ? ids.answer() : ids.notification());
      // The clock steps forward, stands, and steps back.
      if (i % 100 === 50) now += 7;
      if (i === 600) now -= 60_000;
    }
    for (let i = 1; i < seen.length; i++) expect((seen[i] as bigint) > (seen[i - 1] as bigint)).toBe(true);
    seen.forEach((id, i) => expect(id & 3n).toBe(i % 3 === 0 ? 1n : 3n));
    expect(messageIdSeconds(seen[0] as bigint)).toBe(1_700_000_000);
    expect(Number((seen[0] as bigint) & 0xffffffffn) / 2 ** 32).toBeCloseTo(0.5, 6);
  });
});

describe('a client message id', () => {
  const nowMs = 1_700_000_000_000;
  const at = (seconds: number): bigint => BigInt(1_700_000_000 + seconds) << 32n;
  test.each([
    ['now', at(0), undefined], ['29 s ahead', at(29), undefined], ['31 s ahead', at(31), 17], ['299 s old', at(-299), undefined], ['301 s old', at(-301), 16],
    ['odd', at(0) + 1n, 18], ['≡ 2 mod 4', at(0) + 2n, 18], ['of a time beyond all', 0xfffffffffffffffcn, 17], ['0', 0n, 16],
  ])('%s', (_, id, code) => expect(checkClientMessageId(id, nowMs)).toBe(code));
});
