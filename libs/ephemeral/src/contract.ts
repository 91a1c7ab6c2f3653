import { randomUUID } from 'node:crypto';
import type { Ephemeral } from './ephemeral';
import { EphemeralRefused, EphemeralUnavailable } from './errors';
import { KEY_BYTES_MAX, MEMBER_BYTES_MAX, MESSAGE_BYTES_MAX, SET_MEMBERS_COUNT_MAX, TTL_MS_MAX, VALUE_BYTES_MAX } from './limits';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const textOf = (value: Uint8Array | undefined): string | undefined => (value === undefined ? undefined : Buffer.from(value).toString());

export interface OpenedEphemeral {
  ephemeral: Ephemeral;
  /** The same store as another process sees it; the same object where only one can. */
  other: Ephemeral;
  /** Milliseconds, rising, at the store's pace. */
  now(): number;
  /** Lets at least that much time pass, for the store too. */
  pass(ms: number): Promise<void>;
  /** How long one unit of the suite's TTLs is: long against a round trip to the store. */
  unitMs: number;
  /** By how much the store's time may be read differently from `now`. */
  toleranceMs: number;
  /** Resolves when what was published so far has been heard. */
  heard(): Promise<void>;
  /** Breaks the connections of both; resolves when both work again. Absent where there are none. */
  reconnect?(): Promise<void>;
}

/** What every ephemeral adapter promises. @param open a store, closed by the suite; it may hold what other runs left, whose keys differ */
export function describeEphemeralContract(name: string, open: () => Promise<OpenedEphemeral>): void {
  describe(`ephemeral contract: ${name}`, () => {
    let opened: OpenedEphemeral;
    let store: Ephemeral;
    let other: Ephemeral;
    let unit: number;
    let scope: string;
    beforeEach(async () => {
      scope = `contract:${randomUUID()}`;
      opened = await open();
      ({ ephemeral: store, other, unitMs: unit } = opened);
    });
    afterEach(async () => {
      await store.close();
      if (other !== store) await other.close();
    });
    /** A key or channel of this test alone. */
    const own = (what: string): string => `${scope}:${what}`;
    const read = async (key: string): Promise<string | undefined> => textOf(await store.get(key));

    /** Work that means something only when it takes less than `allowanceMs`: done again when it failed and the machine was slower. */
    const inTime = async (allowanceMs: number, work: () => Promise<void>): Promise<void> => {
      for (let tries = 1; ; tries++) {
        scope = `contract:${randomUUID()}`;
        const began = opened.now();
        try {
          return await work();
        } catch (error) {
          if (opened.now() - began < allowanceMs || tries === 10) throw error;
        }
      }
    };
    /** Work that does no harm when done again, which a busy machine may not do in time at once. */
    const patiently = <T>(work: () => Promise<T>): Promise<T> => {
      const again = (tries: number) => (error: unknown): Promise<T> => {
        if (!(error instanceof EphemeralUnavailable) || tries === 0) throw error;
        return opened.pass(unit).then(work).catch(again(tries - 1));
      };
      return work().catch(again(10));
    };
    /** Looks until it is gone: it must be there before its time is over and must not after, as far as looking can tell. */
    const expectEnd = async ({ setFrom, setUntil, ttlMs }: { setFrom: number; setUntil: number; ttlMs: number }, isThere: () => Promise<boolean>): Promise<void> => {
      for (;;) {
        const began = opened.now();
        const there = await isThere();
        if (!there) {
          expect(opened.now()).toBeGreaterThanOrEqual(setFrom + ttlMs - opened.toleranceMs);
          return;
        }
        expect(began).toBeLessThan(setUntil + ttlMs + opened.toleranceMs);
        await opened.pass(1);
      }
    };
    /** Runs a write and answers between which times it was done. */
    const timed = async (work: Promise<unknown>): Promise<{ setFrom: number; setUntil: number }> => {
      const setFrom = opened.now();
      await work;
      return { setFrom, setUntil: opened.now() };
    };

    describe('values', () => {
      test('a value is there until its time, and not at it', async () => {
        const key = own('k');
        expect(await store.get(key)).toBeUndefined();
        const set = await timed(store.set(key, bytes('v'), unit));
        await expectEnd({ ...set, ttlMs: unit }, async () => (await read(key)) === 'v');
        expect(await store.get(key)).toBeUndefined();
      });

      test('a later set renews value and time, also to a shorter one; delete removes', async () => {
        await inTime(unit, async () => {
          const key = own('k');
          await store.set(key, bytes('a'), unit);
          await opened.pass(unit * 0.6);
          await store.set(key, bytes('b'), unit);
          await opened.pass(unit * 0.6);
          expect(await read(key)).toBe('b');
        });
        const key = own('shorter');
        await store.set(key, bytes('a'), 1000 * unit);
        const set = await timed(store.set(key, bytes('b'), unit / 4));
        await expectEnd({ ...set, ttlMs: unit / 4 }, async () => (await store.get(key)) !== undefined);
        await store.set(key, bytes('c'), unit * 100);
        await store.delete(key);
        await store.delete(key);
        expect(await store.get(key)).toBeUndefined();
      });

      test('a value is exact, whatever its bytes and however many', async () => {
        const all = Uint8Array.from({ length: 256 }, (_, i) => i);
        const large = new Uint8Array(VALUE_BYTES_MAX).map((_, i) => (i * 7) % 253);
        for (const value of [all, new Uint8Array(0), bytes('v'), bytes('12'), large]) {
          await store.set(own('k'), value, unit * 100);
          expect(Buffer.compare(await store.get(own('k')) as Uint8Array, value)).toBe(0);
        }
      });

      test('of many that set a key if it is absent one wins, and only its value is there', async () => {
        for (let round = 0; round < 20; round++) {
          const key = own(`race ${round}`);
          const names = Array.from({ length: 12 }, (_, i) => String(i));
          const outcomes = await Promise.all(names.map((text, i) => (i % 2 === 0 ? store : other).setIfAbsent(key, bytes(text), unit * 100)));
          expect(outcomes.filter(Boolean)).toHaveLength(1);
          expect(await read(key)).toBe(names[outcomes.indexOf(true)]);
        }
      });

      test('a refused set if absent changes neither value nor time; when the time is over, the next wins', async () => {
        const key = own('k');
        const set = await timed(store.setIfAbsent(key, bytes('first'), unit));
        expect(await other.setIfAbsent(key, bytes('second'), unit * 100)).toBe(false);
        expect(await read(key)).toBe('first');
        await expectEnd({ ...set, ttlMs: unit }, async () => (await read(key)) === 'first');
        const outcomes = await Promise.all(['a', 'b', 'c'].map((text) => store.setIfAbsent(key, bytes(text), unit * 100)));
        expect(outcomes.filter(Boolean)).toHaveLength(1);
        await store.delete(key);
        expect(await store.setIfAbsent(key, bytes('d'), unit * 100)).toBe(true);
      });

      test('an exchange gives what was there, a new time, and of many each gets another\'s value', async () => {
        const key = own('k');
        expect(await store.exchange(key, bytes('a'), unit * 100)).toBeUndefined();
        expect(Buffer.from(await other.exchange(key, bytes('b'), unit * 100) as Uint8Array).toString()).toBe('a');
        const names = Array.from({ length: 12 }, (_, i) => String(i));
        const before = await Promise.all(names.map((text, i) => (i % 2 === 0 ? store : other).exchange(key, bytes(text), unit * 100)));
        expect([...before.map((value) => Buffer.from(value as Uint8Array).toString()), await read(key)].sort()).toEqual(['b', ...names].sort());
        const set = await timed(store.exchange(key, bytes('short'), unit));
        await expectEnd({ ...set, ttlMs: unit }, async () => (await read(key)) === 'short');
        expect(await store.exchange(key, new Uint8Array(0), unit * 100)).toBeUndefined();
        expect(await other.exchange(key, bytes('c'), unit * 100)).toHaveLength(0);
      });

      test('keys are exact', async () => {
        const keys = [...['', 'a', 'A', 'a ', 'ключ', '\0', 'a\r\nDEL a', '*', '{a}'].map(own), own('').padEnd(KEY_BYTES_MAX, 'x')];
        for (const key of keys) await store.set(key, bytes(`of ${key}`), unit * 100);
        for (const key of keys) expect(await read(key)).toBe(`of ${key}`);
      });

      test('what was given or read is not shared', async () => {
        const given = bytes('abc');
        const put = store.set(own('k'), given, unit * 100);
        given.fill(0);
        await put;
        expect(await read(own('k'))).toBe('abc');
        (await store.get(own('k')))?.fill(0);
        expect(await read(own('k'))).toBe('abc');
      });
    });

    describe('counters', () => {
      test('a counter ends at the time of its first increment, whatever later ones say', async () => {
        const key = own('c');
        const set = await timed(store.increment(key, 1, unit).then((first) => expect(first).toEqual({ value: 1, ttlLeftMs: unit })));
        const later = await store.increment(key, 5, unit * 50);
        expect(later.value).toBe(6);
        expect(later.ttlLeftMs).toBeLessThanOrEqual(unit);
        expect(later.ttlLeftMs).toBeGreaterThanOrEqual(unit - (opened.now() - set.setFrom) - opened.toleranceMs - 1);
        await expectEnd({ ...set, ttlMs: unit }, async () => {
          const { value } = await store.increment(key, 1, unit * 50);
          return value > 1;
        });
        expect((await store.increment(key, -3, unit)).value).toBe(-2);
      });

      test('any whole number is added, nothing too', async () => {
        expect((await store.increment(own('c'), 0, unit * 100)).value).toBe(0);
        expect((await store.increment(own('c'), -2, unit * 100)).value).toBe(-2);
        expect((await store.increment(own('d'), Number.MAX_SAFE_INTEGER, unit * 100)).value).toBe(Number.MAX_SAFE_INTEGER);
        expect((await store.increment(own('d'), -Number.MAX_SAFE_INTEGER, unit * 100)).value).toBe(0);
      });

      test('increments at once are all counted, each with a value of its own', async () => {
        const values = await Promise.all(Array.from({ length: 200 }, async (_, i) => (await (i % 2 === 0 ? store : other).increment(own('c'), 1, unit * 100)).value));
        expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
      });

      test('a counter that ends while it is counted begins again at its time, and loses nothing', async () => {
        const ttlMs = unit / 4;
        let window = { from: 0, until: 0, value: 0 };
        for (let windows = 0; windows < 5;) {
          const from = opened.now();
          const { value, ttlLeftMs } = await store.increment(own('c'), 1, ttlMs);
          const until = opened.now();
          if (value === 1) {
            if (windows > 0) expect(until).toBeGreaterThanOrEqual(window.from + ttlMs - opened.toleranceMs);
            window = { from, until, value };
            windows += 1;
          } else {
            expect(value).toBe(window.value + 1);
            expect(from).toBeLessThan(window.until + ttlMs + opened.toleranceMs);
            window.value = value;
          }
          expect(ttlLeftMs).toBeGreaterThanOrEqual(0);
          expect(ttlLeftMs).toBeLessThanOrEqual(ttlMs);
          await opened.pass(ttlMs / 10);
        }
      });

      test('a counter reads as its number, and a value that looks like one is none', async () => {
        await store.increment(own('c'), 41, unit * 100);
        expect(await read(own('c'))).toBe('41');
        await store.set(own('v'), bytes('41'), unit * 100);
        await expect(store.increment(own('v'), 1, unit * 100)).rejects.toBeInstanceOf(EphemeralRefused);
        expect(await read(own('v'))).toBe('41');
      });
    });

    describe('sets', () => {
      const sorted = async (key: string): Promise<string[]> => (await store.setMembers(key)).sort();

      test('a set holds each member once, and is gone with the last', async () => {
        const key = own('s');
        expect(await store.setMembers(key)).toEqual([]);
        await store.setAdd(key, ['a', 'b', 'a', '', 'ключ'], unit * 100);
        await other.setAdd(key, ['b', 'c'], unit * 100);
        expect(await sorted(key)).toEqual(['', 'a', 'b', 'c', 'ключ']);
        await store.setRemove(key, ['a', 'x', '']);
        await store.setRemove(key, []);
        expect(await sorted(key)).toEqual(['b', 'c', 'ключ']);
        await store.setRemove(key, ['b', 'c', 'ключ']);
        expect(await store.setMembers(key)).toEqual([]);
        expect(await store.setIfAbsent(key, bytes('free'), unit * 100)).toBe(true);
      });

      test('adding renews the time, of all members, also adding what is there or nothing', async () => {
        await inTime(unit, async () => {
          const key = own('s');
          await store.setAdd(key, ['a'], unit);
          for (const added of [['b'], ['a'], []]) {
            await opened.pass(unit * 0.6);
            await store.setAdd(key, added, unit);
          }
          await opened.pass(unit * 0.6);
          expect(await sorted(key)).toEqual(['a', 'b']);
        });
      });

      test('a set ends as a whole, at its time, which removing does not change', async () => {
        const key = own('s');
        await store.setAdd(key, ['a', 'b'], unit * 100);
        const set = await timed(store.setAdd(key, ['c'], unit));
        await store.setRemove(key, ['b']);
        await expectEnd({ ...set, ttlMs: unit }, async () => {
          const members = await sorted(key);
          if (members.length > 0) expect(members).toEqual(['a', 'c']);
          return members.length > 0;
        });
        await store.setAdd(key, [], unit * 100);
        expect(await store.setMembers(key)).toEqual([]);
      });

      test('members added and removed at once are there or not, none lost', async () => {
        const key = own('s');
        await Promise.all(Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? store : other).setAdd(key, [`m${i}`, 'shared'], unit * 100)));
        await Promise.all(Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? other : store).setRemove(key, [`m${i * 2}`])));
        expect(await sorted(key)).toEqual([...Array.from({ length: 50 }, (_, i) => `m${i * 2 + 1}`), 'shared'].sort());
      });

      test('a full set takes what it has, and refuses one more without a change', async () => {
        const key = own('s');
        const members = Array.from({ length: SET_MEMBERS_COUNT_MAX - 1 }, (_, i) => String(i));
        // So many at once may take a slow machine longer than a command may take; what was added stays, and adding again is no harm.
        await patiently(() => store.setAdd(key, members.slice(0, 50_000), unit * 1000));
        await patiently(() => store.setAdd(key, members, unit * 1000));
        await store.setAdd(key, ['last', 'last', '0'], unit * 1000);
        await store.setAdd(key, ['last', '1'], unit * 1000);
        await expect(store.setAdd(key, ['0', 'one more'], unit * 1000)).rejects.toBeInstanceOf(EphemeralRefused);
        const there = await patiently(() => store.setMembers(key));
        expect([there.length, there.includes('last'), there.includes('one more')]).toEqual([SET_MEMBERS_COUNT_MAX, true, false]);
        await store.delete(key);
      });
    });

    describe('messages', () => {
      test('a message reaches who listens, in order, and nobody else', async () => {
        const one: (string | undefined)[] = [];
        const two: (string | undefined)[] = [];
        const first = await store.subscribe(own('ch'), (message) => one.push(textOf(message)));
        const second = await store.subscribe(own('ch'), (message) => two.push(textOf(message)));
        await store.subscribe(own('other'), () => one.push('wrong'));
        await store.publish(own('ch'), bytes('1'));
        await other.publish(own('ch'), bytes('2'));
        await opened.heard();
        await second.close();
        await second.close();
        await store.publish(own('ch'), bytes('3'));
        await store.publish(own('nobody'), bytes('4'));
        await opened.heard();
        expect([one, two]).toEqual([['1', '2', '3'], ['1', '2']]);
        await first.close();
        await store.publish(own('ch'), bytes('5'));
        await opened.heard();
        expect(one).toEqual(['1', '2', '3']);
      });

      test('many messages come once each and in their order, whoever listens', async () => {
        const heard: { here: string[]; there: string[] } = { here: [], there: [] };
        await store.subscribe(own('ch'), (message) => heard.here.push(textOf(message) as string));
        await other.subscribe(own('ch'), (message) => heard.there.push(textOf(message) as string));
        const sent = Array.from({ length: 500 }, (_, i) => String(i));
        await Promise.all(sent.map((text) => store.publish(own('ch'), bytes(text))));
        await opened.heard();
        expect(heard.here).toEqual(sent);
        expect(heard.there).toEqual(sent);
      });

      test('a message is exact and not shared, up to the largest', async () => {
        const heard: Uint8Array[] = [];
        await store.subscribe(own('ch'), (message) => heard.push(message));
        const large = new Uint8Array(MESSAGE_BYTES_MAX).map((_, i) => (i * 7) % 253);
        const binary = Uint8Array.from({ length: 256 }, (_, i) => i);
        const given = Uint8Array.from(binary);
        await store.publish(own('ch'), large);
        const published = store.publish(own('ch'), given);
        given.fill(0);
        await published;
        await store.publish(own('ch'), new Uint8Array(0));
        await opened.heard();
        expect(heard.map(({ length }) => length)).toEqual([large.length, 256, 0]);
        expect(Buffer.compare(heard[0] as Uint8Array, large)).toBe(0);
        expect(Buffer.compare(heard[1] as Uint8Array, binary)).toBe(0);
      });

      test('who leaves and comes back hears what comes then, one function as often as it listens', async () => {
        const heard: string[] = [];
        const listener = (message: Uint8Array): void => void heard.push(textOf(message) as string);
        for (let round = 0; round < 10; round++) {
          const subscription = await store.subscribe(own('ch'), listener);
          await other.publish(own('ch'), bytes(String(round)));
          await opened.heard();
          await subscription.close();
          await other.publish(own('ch'), bytes('unheard'));
        }
        expect(heard).toEqual(Array.from({ length: 10 }, (_, i) => String(i)));
        heard.length = 0;
        const [first] = await Promise.all([store.subscribe(own('ch'), listener), store.subscribe(own('ch'), listener)]);
        await other.publish(own('ch'), bytes('twice'));
        await opened.heard();
        await first.close();
        await other.publish(own('ch'), bytes('once'));
        await opened.heard();
        expect(heard).toEqual(['twice', 'twice', 'once']);
      });

      test('a broken connection comes back with its subscriptions, and hears nothing twice', async () => {
        if (opened.reconnect === undefined) return;
        const heard: string[] = [];
        const closed = await store.subscribe(own('closed'), () => heard.push('wrong'));
        await store.subscribe(own('a'), (message) => heard.push(`a ${textOf(message)}`));
        await store.subscribe(own('b'), (message) => heard.push(`b ${textOf(message)}`));
        await closed.close();
        for (let round = 0; round < 3; round++) {
          await opened.reconnect();
          await opened.heard();
          heard.length = 0;
          for (const channel of ['a', 'b', 'closed']) await other.publish(own(channel), bytes(String(round)));
          await opened.heard();
          expect(heard).toEqual([`a ${round}`, `b ${round}`]);
        }
      });
    });

    describe('refusals', () => {
      const refused = (what: string, work: () => Promise<unknown>): void => test(what, async () => {
        await store.set(own('value'), bytes('v'), unit * 100);
        await store.increment(own('counter'), 7, unit * 100);
        await store.setAdd(own('set'), ['a'], unit * 100);
        await expect(work()).rejects.toBeInstanceOf(EphemeralRefused);
        expect([await read(own('value')), await read(own('counter')), await store.setMembers(own('set'))]).toEqual(['v', '7', ['a']]);
      });
      const longest = 'x'.repeat(KEY_BYTES_MAX);

      refused('a set read as a value', () => store.get(own('set')));
      refused('a set exchanged for a value', () => store.exchange(own('set'), bytes('w'), unit));
      refused('a set used as a counter', () => store.increment(own('set'), 1, unit));
      refused('a value used as a counter', () => store.increment(own('value'), 1, unit));
      refused('a value read as a set', () => store.setMembers(own('value')));
      refused('a counter read as a set', () => store.setMembers(own('counter')));
      refused('a value added to as a set', () => store.setAdd(own('value'), ['a'], unit));
      refused('a counter taken from as a set', () => store.setRemove(own('counter'), ['a']));
      refused('a value that is too large', () => store.set(own('value'), new Uint8Array(VALUE_BYTES_MAX + 1), unit));
      refused('a value that is too large, if absent', () => store.setIfAbsent(own('k'), new Uint8Array(VALUE_BYTES_MAX + 1), unit));
      refused('a message that is too large', () => store.publish(own('ch'), new Uint8Array(MESSAGE_BYTES_MAX + 1)));
      refused('a member that is too long', () => store.setAdd(own('set'), ['x'.repeat(MEMBER_BYTES_MAX + 1)], unit));
      refused('too many members', () => store.setAdd(own('set'), Array.from({ length: SET_MEMBERS_COUNT_MAX + 1 }, (_, i) => String(i)), unit));
      refused('half a step', () => store.increment(own('counter'), 0.5, unit));
      refused('a step beyond what is exact', () => store.increment(own('counter'), 2 ** 53, unit));
      refused('a key without a name', () => store.get(''));
      refused('a key that is too long', () => store.set(`${longest}x`, bytes('v'), unit));
      refused('a key of too many bytes', () => store.get('ü'.repeat(KEY_BYTES_MAX / 2 + 1)));
      refused('a channel without a name', () => store.subscribe('', () => undefined));
      for (const ttlMs of [0, -1, NaN, Infinity, TTL_MS_MAX + 1]) {
        refused(`a value for ${ttlMs} ms`, () => store.set(own('value'), bytes('w'), ttlMs));
        refused(`a value for ${ttlMs} ms, if absent`, () => store.setIfAbsent(own('k'), bytes('w'), ttlMs));
        refused(`a value for ${ttlMs} ms, exchanged`, () => store.exchange(own('value'), bytes('w'), ttlMs));
        refused(`a counter for ${ttlMs} ms`, () => store.increment(own('counter'), 1, ttlMs));
        refused(`a set for ${ttlMs} ms`, () => store.setAdd(own('set'), ['b'], ttlMs));
      }

      test('a value put over a set or a counter replaces it, whatever it was', async () => {
        await store.setAdd(own('k'), ['a'], unit * 100);
        await store.set(own('k'), bytes('v'), unit * 100);
        expect(await read(own('k'))).toBe('v');
        await store.delete(own('k'));
        await store.increment(own('k'), 3, unit * 100);
        expect(await store.setIfAbsent(own('k'), bytes('w'), unit * 100)).toBe(false);
        await store.delete(own('k'));
        await store.setAdd(own('k'), ['b'], unit * 100);
        expect(await store.setMembers(own('k'))).toEqual(['b']);
      });
    });
  });
}
