import type { Ephemeral } from './ephemeral';
import { SET_MEMBERS_COUNT_MAX, VALUE_BYTES_MAX } from './limits';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const textOf = (value: Uint8Array | undefined): string | undefined => (value === undefined ? undefined : Buffer.from(value).toString());

export interface OpenedEphemeral {
  ephemeral: Ephemeral;
  /** Lets that much time pass, for the store too. */
  pass(ms: number): Promise<void>;
  /** Resolves when what was published so far has been heard. */
  heard(): Promise<void>;
}

/** What every ephemeral adapter promises. @param open a fresh, empty store, closed by the suite */
export function describeEphemeralContract(name: string, open: () => Promise<OpenedEphemeral>): void {
  describe(`ephemeral contract: ${name}`, () => {
    let store: Ephemeral;
    let pass: OpenedEphemeral['pass'];
    let heard: OpenedEphemeral['heard'];
    beforeEach(async () => {
      ({ ephemeral: store, pass, heard } = await open());
    });
    afterEach(() => store.close());

    test('a value is there until its time, and not at it', async () => {
      expect(await store.get('k')).toBeUndefined();
      await store.set('k', bytes('v'), 1000);
      await pass(999);
      expect(textOf(await store.get('k'))).toBe('v');
      await pass(1);
      expect(await store.get('k')).toBeUndefined();
    });

    test('a later set renews value and time; delete removes', async () => {
      await store.set('k', bytes('a'), 1000);
      await pass(600);
      await store.set('k', bytes('b'), 1000);
      await pass(600);
      expect(textOf(await store.get('k'))).toBe('b');
      await store.delete('k');
      expect(await store.get('k')).toBeUndefined();
    });

    test('of many that set a key if it is absent one wins, until it ends', async () => {
      const outcomes = await Promise.all(['a', 'b', 'c'].map((text) => store.setIfAbsent('k', bytes(text), 1000)));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      await pass(1000);
      expect(await store.setIfAbsent('k', bytes('d'), 1000)).toBe(true);
      expect(textOf(await store.get('k'))).toBe('d');
    });

    test('a counter ends at the time of its first increment', async () => {
      expect(await store.increment('c', 1, 1000)).toEqual({ value: 1, ttlLeftMs: 1000 });
      await pass(400);
      expect(await store.increment('c', 5, 1000)).toEqual({ value: 6, ttlLeftMs: 600 });
      await pass(600);
      expect(await store.increment('c', -2, 500)).toEqual({ value: -2, ttlLeftMs: 500 });
    });

    test('increments at once are all counted', async () => {
      await Promise.all(Array.from({ length: 100 }, () => store.increment('c', 1, 1000)));
      expect((await store.increment('c', 0, 1000)).value).toBe(100);
    });

    test('a set holds each member once, is renewed by adding, and ends', async () => {
      expect(await store.setMembers('s')).toEqual([]);
      await store.setAdd('s', ['a', 'b'], 1000);
      await pass(600);
      await store.setAdd('s', ['b', 'c'], 1000);
      await pass(600);
      expect((await store.setMembers('s')).sort()).toEqual(['a', 'b', 'c']);
      await store.setRemove('s', ['a', 'x']);
      expect((await store.setMembers('s')).sort()).toEqual(['b', 'c']);
      await store.setRemove('s', ['b', 'c']);
      expect(await store.setMembers('s')).toEqual([]);
      await store.setAdd('s', ['d'], 1000);
      await pass(1000);
      expect(await store.setMembers('s')).toEqual([]);
    });

    test('a message reaches who listens, in order, and nobody else', async () => {
      const one: (string | undefined)[] = [];
      const two: (string | undefined)[] = [];
      const first = await store.subscribe('ch', (message) => one.push(textOf(message)));
      const second = await store.subscribe('ch', (message) => two.push(textOf(message)));
      await store.subscribe('other', () => one.push('wrong'));
      await store.publish('ch', bytes('1'));
      await store.publish('ch', bytes('2'));
      await heard();
      await second.close();
      await store.publish('ch', bytes('3'));
      await store.publish('nobody', bytes('4'));
      await heard();
      expect([one, two]).toEqual([['1', '2', '3'], ['1', '2']]);
      await first.close();
      await store.publish('ch', bytes('5'));
      await heard();
      expect(one).toEqual(['1', '2', '3']);
    });

    test('what was given or read is not shared', async () => {
      const given = bytes('abc');
      await store.set('k', given, 1000);
      given.fill(0);
      expect(textOf(await store.get('k'))).toBe('abc');
      (await store.get('k'))?.fill(0);
      expect(textOf(await store.get('k'))).toBe('abc');
    });

    test('what it does not take is refused', async () => {
      await expect(store.set('k', new Uint8Array(VALUE_BYTES_MAX + 1), 1000)).rejects.toThrow();
      await expect(store.set('k', bytes('v'), 0)).rejects.toThrow();
      await expect(store.setAdd('s', Array.from({ length: SET_MEMBERS_COUNT_MAX + 1 }, (_, i) => String(i)), 1000)).rejects.toThrow();
      await store.setAdd('s', ['a'], 1000);
      await expect(store.get('s')).rejects.toThrow();
      await expect(store.increment('s', 1, 1000)).rejects.toThrow();
      await store.set('k', bytes('v'), 1000);
      await expect(store.setMembers('k')).rejects.toThrow();
    });
  });
}
