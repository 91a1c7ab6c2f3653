import { eventually } from '@heliograph/testing/eventually';
import { StorageRefused } from './errors';
import { BATCH_OPERATIONS_MAX, KEY_BYTES_MAX, MULTI_GET_KEYS_MAX, RANGE_ROWS_MAX, ROW_BYTES_MAX, TOMBSTONE_GRACE_SECONDS } from './limits';
import { ManualClock } from './manual-clock';
import { deleteOperation, putOperation, type Storage } from './storage';
import { defineTable } from './table';

const messages = defineTable({
  name: 'contract_messages',
  keyspace: 'dc',
  partition: { box: 'int', bucket: 'int' },
  clustering: { kind: 'int', id: { type: 'int', order: 'desc' } },
  columns: { body: 'bytes', pts: 'int', flags: 'long' },
  writes: 'versioned',
});
const names = defineTable({
  name: 'contract_names',
  keyspace: 'directory',
  partition: { name: 'text' },
  clustering: {},
  columns: { owner: 'long', verified: 'bool', score: 'double', note: 'text' },
  writes: 'conditional',
});
const codes = defineTable({
  name: 'contract_codes',
  keyspace: 'dc',
  partition: { phone: 'text' },
  clustering: { attempt: 'int' },
  columns: { code: 'text', tries: 'int' },
  ttlSeconds: 60,
  writes: 'conditional',
});
const plain = defineTable({
  name: 'contract_plain',
  keyspace: 'dc',
  partition: { id: 'int' },
  clustering: {},
  columns: { a: 'text', b: 'text' },
  writes: 'plain',
});
const ordered = defineTable({
  name: 'contract_ordered',
  keyspace: 'dc',
  partition: { p: 'text' },
  clustering: { text: 'text', number: { type: 'long', order: 'desc' }, raw: 'bytes', flag: { type: 'bool', order: 'desc' }, real: 'double' },
  columns: {},
  writes: 'plain',
});

const brief = defineTable({
  name: 'contract_brief',
  keyspace: 'dc',
  partition: { id: 'int' },
  clustering: {},
  columns: { a: 'text', b: 'text' },
  ttlSeconds: 1,
  writes: 'conditional',
});

const all = [messages, names, codes, plain, ordered, brief];
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

export interface OpenedStorage {
  storage: Storage;
  /** Closes and opens the same data again (a restart); absent where the adapter keeps nothing. */
  reopen?(): Promise<Storage>;
}

export interface StorageContractOptions {
  /** `manual` (default): time moves with the clock that `open` is given. `real`: the engine has a clock of its own, whole seconds of it. */
  time?: 'manual' | 'real';
  /** Whether a write is seen before it is durable, by the very next read; default true. */
  seenAtOnce?: boolean;
}

/** What every storage adapter promises. @param open a fresh, empty store, closed by the suite */
export function describeStorageContract(name: string, open: (clock: ManualClock) => Promise<OpenedStorage>, options: StorageContractOptions = {}): void {
  const { time = 'manual', seenAtOnce = true } = options;
  describe(`storage contract: ${name}`, () => {
    let clock: ManualClock;
    let opened: OpenedStorage;
    let storage: Storage;

    beforeEach(async () => {
      clock = new ManualClock();
      opened = await open(clock);
      ({ storage } = opened);
      await storage.ensureTables(all);
    });
    afterEach(() => storage.close());

    const key = (id: number, box = 1): { box: number; bucket: number; kind: number; id: number } => ({ box, bucket: 0, kind: 2, id });
    const body = async (id: number): Promise<string | undefined> => {
      const row = await storage.get(messages, key(id));
      return row?.body === null || row === undefined ? undefined : Buffer.from(row.body).toString();
    };

    describe('rows', () => {
      test('a row comes back as it was put, and columns that were left out are null', async () => {
        await storage.put(messages, { ...key(5), body: bytes('hello'), flags: -(2n ** 63n) }, { version: 1n });
        expect(await storage.get(messages, key(5))).toEqual({ ...key(5), body: bytes('hello'), pts: null, flags: -(2n ** 63n) });
        expect(await storage.get(messages, key(6))).toBeUndefined();
      });

      test.each([0, 1, -1, 255, 256, -256, 2 ** 31, -(2 ** 31), 2 ** 52, 2 ** 52 - 1, -(2 ** 52), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])('the int %p is exact in key and column', async (number) => {
        await storage.put(messages, { ...key(number, number), pts: number }, { version: 1n });
        expect(await storage.get(messages, key(number, number))).toMatchObject({ box: number, id: number, pts: number });
        expect(await storage.range(messages, { box: number, bucket: 0 }, { limit: 2 })).toMatchObject([{ box: number, id: number }]);
      });

      test.each([0n, 1n, -1n, 2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)])('the long %p is exact', async (long) => {
        await storage.put(names, { name: 'n', owner: long });
        expect((await storage.get(names, { name: 'n' }))?.owner).toBe(long);
      });

      test.each([0, -1.5, Infinity, -Infinity, Number.MIN_VALUE, Number.MAX_VALUE])('the double %p is exact', async (double) => {
        await storage.put(names, { name: 'n', score: double });
        expect((await storage.get(names, { name: 'n' }))?.score).toBe(double);
      });

      test.each(['', '\0', 'a\0b', 'ÿ', '🙂', 'x'.repeat(500), '\0'.repeat(900)])('the text %p is exact in key and column', async (text) => {
        await storage.put(names, { name: text, note: text, verified: false });
        expect(await storage.get(names, { name: text })).toMatchObject({ name: text, note: text, verified: false });
      });

      test('an empty row exists; a put adds to what is there; null erases', async () => {
        await storage.put(plain, { id: 1 });
        expect(await storage.get(plain, { id: 1 })).toEqual({ id: 1, a: null, b: null });
        await storage.put(plain, { id: 1, a: 'a' });
        await storage.put(plain, { id: 1, b: 'b' });
        expect(await storage.get(plain, { id: 1 })).toEqual({ id: 1, a: 'a', b: 'b' });
        await storage.put(plain, { id: 1, a: null });
        expect(await storage.get(plain, { id: 1 })).toEqual({ id: 1, a: null, b: 'b' });
        await storage.delete(plain, { id: 1 });
        expect(await storage.get(plain, { id: 1 })).toBeUndefined();
      });

      test('what was given is not changed by changing it afterwards, nor what was read', async () => {
        const given = bytes('before');
        const put = storage.put(messages, { ...key(1), body: given }, { version: 1n });
        given.fill(0);
        await put;
        const read = await storage.get(messages, key(1));
        read?.body?.fill(0);
        expect(await body(1)).toBe('before');
      });

      test('getMany answers in the order asked', async () => {
        for (const id of [1, 2, 3]) await storage.put(messages, { ...key(id), pts: id }, { version: 1n });
        expect((await storage.getMany(messages, [key(3), key(9), key(1), key(3)])).map((row) => row?.pts)).toEqual([3, undefined, 1, 3]);
      });

      test.each([
        ['far apart', [100_000, 7, 50_000, 8]],
        ['close together, with others between them', [-3, 12, 4, 0, 9]],
        ['side by side', [5, 4, 3, 2]],
      ])('getMany finds those that are %s', async (_, ids) => {
        for (const id of [...ids, 1, 6, 10, 99_999]) await storage.put(messages, { ...key(id), pts: id }, { version: 1n });
        await storage.delete(messages, key(ids[1] as number), { version: 2n });
        expect((await storage.getMany(messages, ids.map((id) => key(id)))).map((row) => row?.pts)).toEqual(ids.map((id, index) => (index === 1 ? undefined : id)));
      });

      test('a large row is exact', async () => {
        const large = new Uint8Array(300_000).map((_, i) => i % 251);
        await storage.put(messages, { ...key(1), body: large }, { version: 1n });
        expect(Buffer.compare((await storage.get(messages, key(1)))?.body as Uint8Array, large)).toBe(0);
        expect(Buffer.compare((await storage.range(messages, { box: 1, bucket: 0 }, { limit: 1 }))[0]?.body as Uint8Array, large)).toBe(0);
      });
    });

    describe('versions', () => {
      test('an older write loses whenever it comes', async () => {
        await storage.put(messages, { ...key(1), body: bytes('new') }, { version: 20n });
        await storage.put(messages, { ...key(1), body: bytes('old') }, { version: 10n });
        expect(await body(1)).toBe('new');
      });

      test('per column the newest version wins', async () => {
        await storage.put(messages, { ...key(1), body: bytes('b10'), pts: 10 }, { version: 10n });
        await storage.put(messages, { ...key(1), pts: 30 }, { version: 30n });
        await storage.put(messages, { ...key(1), body: bytes('b20'), pts: 20, flags: 20n }, { version: 20n });
        expect(await storage.get(messages, key(1))).toEqual({ ...key(1), body: bytes('b20'), pts: 30, flags: 20n });
      });

      test('a null is a write like any other', async () => {
        await storage.put(messages, { ...key(1), body: null, pts: 1 }, { version: 20n });
        await storage.put(messages, { ...key(1), body: bytes('late') }, { version: 10n });
        expect(await body(1)).toBeUndefined();
        await storage.put(messages, { ...key(1), body: bytes('later') }, { version: 21n });
        expect(await body(1)).toBe('later');
      });

      test('a deletion is remembered: what is older stays gone, what is newer comes', async () => {
        await storage.put(messages, { ...key(1), body: bytes('a'), pts: 1 }, { version: 10n });
        await storage.delete(messages, key(1), { version: 20n });
        expect(await storage.get(messages, key(1))).toBeUndefined();
        await storage.put(messages, { ...key(1), body: bytes('late') }, { version: 15n });
        expect(await storage.get(messages, key(1))).toBeUndefined();
        await storage.put(messages, { ...key(1), body: bytes('new') }, { version: 25n });
        expect(await storage.get(messages, key(1))).toEqual({ ...key(1), body: bytes('new'), pts: null, flags: null });
        await storage.put(messages, { ...key(1), pts: 7 }, { version: 19n });
        expect((await storage.get(messages, key(1)))?.pts).toBeNull();
      });

      test('a deletion that comes late removes only what is older', async () => {
        await storage.put(messages, { ...key(1), body: bytes('a'), pts: 1 }, { version: 10n });
        await storage.put(messages, { ...key(1), pts: 3 }, { version: 30n });
        await storage.delete(messages, key(1), { version: 20n });
        expect(await storage.get(messages, key(1))).toEqual({ ...key(1), body: null, pts: 3, flags: null });
      });

      test('a deletion of what never was is remembered, and of two the newer counts', async () => {
        await storage.delete(messages, key(1), { version: 20n });
        await storage.delete(messages, key(1), { version: 10n });
        await storage.put(messages, { ...key(1), pts: 1 }, { version: 15n });
        expect(await storage.get(messages, key(1))).toBeUndefined();
      });

      test('the same write twice is one write', async () => {
        for (let i = 0; i < 2; i++) await storage.put(messages, { ...key(1), body: bytes('same'), pts: 1 }, { version: 10n });
        expect(await storage.get(messages, key(1))).toEqual({ ...key(1), body: bytes('same'), pts: 1, flags: null });
      });

      test('at equal versions the order of arrival does not matter: larger bytes win, a null beats a value, a deletion beats a put', async () => {
        await storage.put(messages, { ...key(1), body: bytes('a') }, { version: 10n });
        await storage.put(messages, { ...key(1), body: bytes('b') }, { version: 10n });
        await storage.put(messages, { ...key(2), body: bytes('b') }, { version: 10n });
        await storage.put(messages, { ...key(2), body: bytes('a') }, { version: 10n });
        expect([await body(1), await body(2)]).toEqual(['b', 'b']);
        await storage.put(messages, { ...key(3), body: bytes('a') }, { version: 10n });
        await storage.put(messages, { ...key(3), body: null }, { version: 10n });
        await storage.put(messages, { ...key(4), body: null }, { version: 10n });
        await storage.put(messages, { ...key(4), body: bytes('a') }, { version: 10n });
        expect([await body(3), await body(4)]).toEqual([undefined, undefined]);
        await storage.put(messages, { ...key(5), body: bytes('a') }, { version: 10n });
        await storage.delete(messages, key(5), { version: 10n });
        await storage.delete(messages, key(6), { version: 10n });
        await storage.put(messages, { ...key(6), body: bytes('a') }, { version: 10n });
        expect([await storage.get(messages, key(5)), await storage.get(messages, key(6))]).toEqual([undefined, undefined]);
      });

      test('versions are compared as signed 64-bit numbers', async () => {
        await storage.put(messages, { ...key(1), pts: 1 }, { version: -5n });
        await storage.put(messages, { ...key(1), pts: 2 }, { version: 2n ** 62n });
        await storage.put(messages, { ...key(1), pts: 3 }, { version: 2n ** 53n + 1n });
        expect((await storage.get(messages, key(1)))?.pts).toBe(2);
      });

      test('any order of the same writes gives the same row', async () => {
        for (let order = 0; order < 120; order++) {
          // Each order in a box of its own.
          const at = key(1, 1000 + order);
          const left = [
            () => storage.put(messages, { ...at, body: bytes('x'), pts: 1 }, { version: 1n }),
            () => storage.put(messages, { ...at, pts: 2, flags: 2n }, { version: 2n }),
            () => storage.delete(messages, at, { version: 2n }),
            () => storage.put(messages, { ...at, body: bytes('y'), flags: null }, { version: 3n }),
            () => storage.put(messages, { ...at, body: bytes('z') }, { version: 3n }),
          ];
          for (let rest = order; left.length > 0;) {
            const pick = rest % left.length;
            rest = Math.floor(rest / left.length);
            await left.splice(pick, 1)[0]?.();
          }
          expect(await storage.get(messages, at)).toEqual({ ...at, body: bytes('z'), pts: null, flags: null });
        }
      });
    });

    describe('ranges', () => {
      beforeEach(async () => {
        const rows = [];
        for (const kind of [1, 2, 3]) for (const id of [10, 20, 30]) rows.push(putOperation(messages, { box: 1, bucket: 0, kind, id, pts: kind * 100 + id }, { version: 1n }));
        rows.push(putOperation(messages, { box: 1, bucket: 1, kind: 2, id: 1, pts: 0 }, { version: 1n }), putOperation(messages, { box: 2, bucket: 0, kind: 2, id: 1, pts: 0 }, { version: 1n }));
        await storage.batch(rows);
      });
      const ids = async (query: Parameters<typeof storage.range<typeof messages>>[2]): Promise<number[]> => (await storage.range(messages, { box: 1, bucket: 0 }, query)).map((row) => row.pts as number);

      test('a partition is read in clustering order, and no other partition with it', async () => {
        expect(await ids({ limit: 100 })).toEqual([130, 120, 110, 230, 220, 210, 330, 320, 310]);
        expect(await ids({ limit: 100, reverse: true })).toEqual([310, 320, 330, 210, 220, 230, 110, 120, 130]);
        expect(await ids({ limit: 2 })).toEqual([130, 120]);
      });

      test.each([
        [{ from: { kind: 2 } }, [230, 220, 210, 330, 320, 310]],
        [{ from: { kind: 2 }, fromExclusive: true }, [330, 320, 310]],
        [{ to: { kind: 2 } }, [130, 120, 110, 230, 220, 210]],
        [{ to: { kind: 2 }, toExclusive: true }, [130, 120, 110]],
        [{ from: { kind: 2 }, to: { kind: 2 } }, [230, 220, 210]],
        [{ from: { kind: 2, id: 20 } }, [220, 210, 330, 320, 310]],
        [{ from: { kind: 2, id: 20 }, fromExclusive: true, to: { kind: 2 } }, [210]],
        [{ from: { kind: 2, id: 25 }, to: { kind: 2 } }, [220, 210]],
        [{ from: { kind: 2 }, to: { kind: 2, id: 20 } }, [230, 220]],
        [{ from: { kind: 2 }, to: { kind: 2, id: 20 }, toExclusive: true }, [230]],
        [{ from: { kind: 2 }, to: { kind: 2, id: 20 }, reverse: true }, [220, 230]],
        [{ from: { kind: 2, id: 20 }, fromExclusive: true, reverse: true }, [310, 320, 330, 210]],
        [{ from: { kind: 3 }, to: { kind: 1 } }, []],
        [{ from: { kind: 9 } }, []],
      ])('%p', async (query, expected) => expect(await ids({ ...query, limit: 100 })).toEqual(expected));

      test('pages join without gaps or repeats, both ways', async () => {
        for (const reverse of [false, true]) {
          const seen: number[] = [];
          let after: { kind: number; id: number } | undefined;
          for (;;) {
            const page = await storage.range(messages, { box: 1, bucket: 0 }, reverse
              ? { limit: 2, reverse, to: after, toExclusive: after !== undefined }
              : { limit: 2, from: after, fromExclusive: after !== undefined });
            if (page.length === 0) break;
            seen.push(...page.map((row) => row.pts as number));
            const last = page[page.length - 1] as { kind: number; id: number };
            after = { kind: last.kind, id: last.id };
          }
          expect(seen).toEqual(reverse ? [310, 320, 330, 210, 220, 230, 110, 120, 130] : [130, 120, 110, 230, 220, 210, 330, 320, 310]);
        }
      });

      test('deleted rows are stepped over, and don’t count to the limit', async () => {
        await storage.delete(messages, { box: 1, bucket: 0, kind: 1, id: 20 }, { version: 2n });
        expect(await ids({ limit: 3 })).toEqual([130, 110, 230]);
      });

      (seenAtOnce ? test : test.skip)('a write is seen by the very next read, flushed or not', async () => {
        const put = storage.put(messages, { box: 1, bucket: 0, kind: 1, id: 15, pts: 115 }, { version: 1n });
        expect(await ids({ limit: 3 })).toEqual([130, 120, 115]);
        expect((await storage.get(messages, { box: 1, bucket: 0, kind: 1, id: 15 }))?.pts).toBe(115);
        await put;
        expect(await ids({ limit: 3, reverse: true, to: { kind: 1 } })).toEqual([110, 115, 120]);
      });

      test('every key type sorts as its type does, descending columns the other way', async () => {
        const texts = ['', '\0', '\0a', 'a', 'a\0', 'aa', 'b', 'é', '\uffff', '🙂'];
        const numbers = [-(2n ** 63n), -(2n ** 53n), -256n, -255n, -1n, 0n, 1n, 255n, 256n, 2n ** 53n, 2n ** 63n - 1n];
        const raws = [[], [0], [0, 0], [0, 1], [0, 255], [1], [255], [255, 255]].map((raw) => Uint8Array.from(raw));
        const reals = [-Infinity, -1.5, -Number.MIN_VALUE, 0, Number.MIN_VALUE, 1.5, Infinity];
        const rows = [
          ...texts.map((text) => ({ text, number: 0n, raw: raws[0] as Uint8Array, flag: false, real: 0 })),
          ...numbers.map((number) => ({ text: 'n', number, raw: raws[0] as Uint8Array, flag: false, real: 0 })),
          ...raws.map((raw) => ({ text: 'r', number: 0n, raw, flag: false, real: 0 })),
          ...[true, false].map((flag) => ({ text: 's', number: 0n, raw: raws[0] as Uint8Array, flag, real: 0 })),
          ...reals.map((real) => ({ text: 't', number: 0n, raw: raws[0] as Uint8Array, flag: false, real })),
        ];
        for (const row of [...rows].reverse()) await storage.put(ordered, { p: 'p', ...row });
        const read = await storage.range(ordered, { p: 'p' }, { limit: 100 });
        expect(read.filter(({ text }) => !'nrst'.includes(text) || text === '').map(({ text }) => text)).toEqual(texts);
        expect(read.filter(({ text }) => text === 'n').map(({ number }) => number)).toEqual([...numbers].reverse());
        expect(read.filter(({ text }) => text === 'r').map(({ raw }) => [...raw])).toEqual(raws.map((raw) => [...raw]));
        expect(read.filter(({ text }) => text === 's').map(({ flag }) => flag)).toEqual([true, false]);
        expect(read.filter(({ text }) => text === 't').map(({ real }) => real)).toEqual(reals);
      });
    });

    describe('conditions', () => {
      test('insertIfAbsent has one winner, and tells the loser what is there', async () => {
        const outcomes = await Promise.all([1n, 2n, 3n].map((owner) => storage.insertIfAbsent(names, { name: 'alice', owner })));
        expect(outcomes.map(({ applied }) => applied).filter(Boolean)).toHaveLength(1);
        const winner = (await storage.get(names, { name: 'alice' }))?.owner;
        for (const { applied, current } of outcomes) if (!applied) expect(current?.owner).toBe(winner);
      });

      test('replaceIf and deleteIf act on exactly what was expected, null being unset', async () => {
        expect(await storage.replaceIf(names, { name: 'bob' }, {}, { owner: 1n })).toEqual({ applied: false });
        await storage.insertIfAbsent(names, { name: 'bob', owner: 1n });
        expect(await storage.replaceIf(names, { name: 'bob' }, { owner: 2n }, { owner: 3n })).toMatchObject({ applied: false, current: { owner: 1n } });
        expect(await storage.replaceIf(names, { name: 'bob' }, { owner: 1n, note: null }, { note: 'mine' })).toMatchObject({ applied: true });
        expect(await storage.replaceIf(names, { name: 'bob' }, { note: null }, { note: 'lost' })).toMatchObject({ applied: false });
        expect(await storage.get(names, { name: 'bob' })).toEqual({ name: 'bob', owner: 1n, verified: null, score: null, note: 'mine' });
        expect(await storage.deleteIf(names, { name: 'bob' }, { owner: 9n })).toMatchObject({ applied: false });
        expect(await storage.deleteIf(names, { name: 'bob' }, { owner: 1n })).toMatchObject({ applied: true });
        expect(await storage.deleteIf(names, { name: 'bob' }, {})).toEqual({ applied: false });
        expect(await storage.get(names, { name: 'bob' })).toBeUndefined();
      });

      test('of many that count up by compare and replace, none is lost', async () => {
        await storage.insertIfAbsent(names, { name: 'counter', owner: 0n });
        await Promise.all(Array.from({ length: 10 }, async () => {
          for (;;) {
            const owner = (await storage.get(names, { name: 'counter' }))?.owner as bigint;
            if ((await storage.replaceIf(names, { name: 'counter' }, { owner }, { owner: owner + 1n })).applied) return;
          }
        }));
        expect((await storage.get(names, { name: 'counter' }))?.owner).toBe(10n);
      });
    });

    (time === 'manual' ? describe : describe.skip)('expiry', () => {
      test('a row is there until its time, and not at it', async () => {
        await storage.put(codes, { phone: '1', attempt: 1, code: '12345' });
        await clock.advance(59_999);
        expect((await storage.get(codes, { phone: '1', attempt: 1 }))?.code).toBe('12345');
        expect(await storage.range(codes, { phone: '1' }, { limit: 5 })).toHaveLength(1);
        await clock.advance(1);
        expect(await storage.get(codes, { phone: '1', attempt: 1 })).toBeUndefined();
        expect(await storage.getMany(codes, [{ phone: '1', attempt: 1 }])).toEqual([undefined]);
        expect(await storage.range(codes, { phone: '1' }, { limit: 5 })).toEqual([]);
      });

      test('a put’s own TTL counts, and a later put renews', async () => {
        await storage.put(codes, { phone: '1', attempt: 1, code: 'a' }, { ttlSeconds: 5 });
        await clock.advance(4_000);
        await storage.put(codes, { phone: '1', attempt: 1, code: 'b' }, { ttlSeconds: 5 });
        await clock.advance(4_000);
        expect((await storage.get(codes, { phone: '1', attempt: 1 }))?.code).toBe('b');
        await clock.advance(1_000);
        expect(await storage.get(codes, { phone: '1', attempt: 1 })).toBeUndefined();
      });

      test('columns expire each at its own time', async () => {
        await storage.put(codes, { phone: '1', attempt: 1, code: 'short' }, { ttlSeconds: 5 });
        await storage.put(codes, { phone: '1', attempt: 1, tries: 3 }, { ttlSeconds: 50 });
        await clock.advance(5_000);
        expect(await storage.get(codes, { phone: '1', attempt: 1 })).toEqual({ phone: '1', attempt: 1, code: null, tries: 3 });
      });

      test('an expired row is absent to conditions', async () => {
        await storage.insertIfAbsent(codes, { phone: '1', attempt: 1, code: 'a', tries: 1 });
        expect(await storage.insertIfAbsent(codes, { phone: '1', attempt: 1, code: 'b' })).toMatchObject({ applied: false });
        await clock.advance(60_000);
        expect(await storage.replaceIf(codes, { phone: '1', attempt: 1 }, {}, { code: 'c' })).toEqual({ applied: false });
        expect(await storage.insertIfAbsent(codes, { phone: '1', attempt: 1, code: 'd' })).toMatchObject({ applied: true });
        expect(await storage.get(codes, { phone: '1', attempt: 1 })).toEqual({ phone: '1', attempt: 1, code: 'd', tries: null });
      });

      test('sweeping removes what expired and nothing else', async () => {
        for (let i = 0; i < 50; i++) await storage.put(codes, { phone: '1', attempt: i, code: 'a' }, { ttlSeconds: i < 25 ? 10 : 100 });
        await storage.put(codes, { phone: '1', attempt: 0, code: 'renewed' }, { ttlSeconds: 100 });
        await clock.advance(20_000);
        await clock.advance(20_000);
        expect(await storage.range(codes, { phone: '1' }, { limit: 100 })).toHaveLength(26);
        expect((await storage.get(codes, { phone: '1', attempt: 0 }))?.code).toBe('renewed');
      });

      test('an expired versioned row keeps its version: an older write does not show', async () => {
        await storage.put(messages, { ...key(1), body: bytes('new') }, { version: 20n, ttlSeconds: 5 });
        await clock.advance(10_000);
        await clock.advance(10_000);
        await storage.put(messages, { ...key(1), body: bytes('old') }, { version: 10n });
        expect(await body(1)).toBeUndefined();
      });

      test('a deletion is remembered for its grace, through sweeps', async () => {
        await storage.delete(messages, key(1), { version: 20n });
        await clock.advance((TOMBSTONE_GRACE_SECONDS - 10) * 1000);
        await storage.put(messages, { ...key(1), pts: 1 }, { version: 10n });
        expect(await storage.get(messages, key(1))).toBeUndefined();
        await storage.put(messages, { ...key(2), pts: 1 }, { version: 10n });
        await clock.advance(20_000);
        await clock.advance(20_000);
        expect(await storage.get(messages, key(2))).toMatchObject({ pts: 1 });
      });
    });

    (time === 'real' ? describe : describe.skip)('expiry on a clock of its own', () => {
      /** Polls until the probe finds nothing; answers the milliseconds that the last finding was old. */
      const untilGone = async (since: number, probe: () => Promise<unknown>): Promise<number> => {
        await eventually(async () => (await probe()) === undefined, { timeoutMs: 15_000, intervalMs: 20, what: 'the end of the row' });
        return performance.now() - since;
      };
      const attempt = { phone: '1', attempt: 1 };

      test('a row is never gone early, and at most two seconds late', async () => {
        for (const ttlSeconds of [1, 2.5]) {
          const since = performance.now();
          await storage.put(codes, { ...attempt, code: 'a' }, { ttlSeconds });
          const lived = await untilGone(since, () => storage.get(codes, attempt));
          expect(lived).toBeGreaterThanOrEqual(ttlSeconds * 1000);
          expect(lived).toBeLessThan(ttlSeconds * 1000 + 2_500);
          expect([await storage.getMany(codes, [attempt]), await storage.range(codes, { phone: '1' }, { limit: 5 })]).toEqual([[undefined], []]);
        }
      });

      test('the table’s own TTL counts, for puts and conditional writes', async () => {
        await storage.put(brief, { id: 1, a: 'a' });
        await storage.insertIfAbsent(brief, { id: 2, a: 'a' });
        await storage.put(brief, { id: 3, a: 'a' }, { ttlSeconds: 100 });
        await eventually(async () => (await storage.getMany(brief, [{ id: 1 }, { id: 2 }])).every((row) => row === undefined), { timeoutMs: 15_000 });
        expect(await storage.get(brief, { id: 3 })).toEqual({ id: 3, a: 'a', b: null });
      });

      test('a later put renews, and columns expire each at its own time', async () => {
        await storage.put(codes, { ...attempt, code: 'short' }, { ttlSeconds: 1 });
        await storage.put(codes, { ...attempt, tries: 3 }, { ttlSeconds: 50 });
        await storage.put(codes, { phone: '2', attempt: 1, code: 'renewed' }, { ttlSeconds: 1 });
        await storage.put(codes, { phone: '2', attempt: 1, code: 'renewed' }, { ttlSeconds: 50 });
        await eventually(async () => (await storage.get(codes, attempt))?.code === null, { timeoutMs: 15_000 });
        expect(await storage.get(codes, attempt)).toEqual({ ...attempt, code: null, tries: 3 });
        expect((await storage.get(codes, { phone: '2', attempt: 1 }))?.code).toBe('renewed');
      });

      test('an expired row is absent to conditions', async () => {
        await storage.insertIfAbsent(codes, { ...attempt, code: 'a', tries: 1 }, { ttlSeconds: 1 });
        expect(await storage.insertIfAbsent(codes, { ...attempt, code: 'b' })).toMatchObject({ applied: false, current: { code: 'a' } });
        await untilGone(0, () => storage.get(codes, attempt));
        expect(await storage.replaceIf(codes, attempt, {}, { code: 'c' })).toEqual({ applied: false });
        expect(await storage.replaceIf(codes, attempt, { tries: null }, { code: 'c' })).toEqual({ applied: false });
        expect(await storage.insertIfAbsent(codes, { ...attempt, code: 'd' })).toMatchObject({ applied: true });
        expect(await storage.get(codes, attempt)).toEqual({ ...attempt, code: 'd', tries: null });
      });

      test('an expired versioned row keeps its version: an older write does not show', async () => {
        await storage.put(messages, { ...key(1), body: bytes('new') }, { version: 20n, ttlSeconds: 1 });
        await untilGone(0, () => storage.get(messages, key(1)));
        await storage.put(messages, { ...key(1), body: bytes('old') }, { version: 10n });
        expect(await body(1)).toBeUndefined();
      });
    });

    describe('batches', () => {
      test('an atomic batch is applied whole', async () => {
        await storage.atomicBatch([putOperation(messages, { ...key(1), pts: 1 }, { version: 1n }), putOperation(messages, { ...key(2), pts: 2 }, { version: 1n }), deleteOperation(messages, key(1), { version: 2n })]);
        expect(await storage.get(messages, key(1))).toBeUndefined();
        expect((await storage.get(messages, key(2)))?.pts).toBe(2);
      });

      test('one unsound operation refuses the whole batch', async () => {
        const operations = [putOperation(messages, { ...key(1), pts: 1 }, { version: 1n }), putOperation(messages, { ...key(2), pts: 'two' as unknown as number }, { version: 1n })];
        await expect(storage.atomicBatch(operations)).rejects.toBeInstanceOf(StorageRefused);
        await expect(storage.batch(operations)).rejects.toBeInstanceOf(StorageRefused);
        expect(await storage.get(messages, key(1))).toBeUndefined();
      });

      test('an atomic batch stays in one partition of one table', async () => {
        await expect(storage.atomicBatch([putOperation(messages, { ...key(1, 1), pts: 1 }, { version: 1n }), putOperation(messages, { ...key(1, 2), pts: 2 }, { version: 1n })])).rejects.toBeInstanceOf(StorageRefused);
        await expect(storage.atomicBatch([putOperation(plain, { id: 1 }), putOperation(codes, { phone: '1', attempt: 1 })])).rejects.toBeInstanceOf(StorageRefused);
        await storage.atomicBatch([]);
      });

      test('a cheap batch goes over tables, partitions and keyspaces', async () => {
        await storage.batch([putOperation(messages, { ...key(1, 1), pts: 1 }, { version: 1n }), putOperation(messages, { ...key(1, 2), pts: 2 }, { version: 1n }), putOperation(plain, { id: 1, a: 'a' }), putOperation(names, { name: 'n', owner: 1n })]);
        expect([(await storage.get(messages, key(1, 1)))?.pts, (await storage.get(messages, key(1, 2)))?.pts, (await storage.get(plain, { id: 1 }))?.a, (await storage.get(names, { name: 'n' }))?.owner]).toEqual([1, 2, 'a', 1n]);
      });
    });

    describe('refusals', () => {
      const refused = (what: string, work: () => Promise<unknown>): void => test(what, () => expect(work()).rejects.toBeInstanceOf(StorageRefused));
      refused('a versioned write without version', () => storage.put(messages, { ...key(1), pts: 1 }));
      refused('a versioned deletion without version', () => storage.delete(messages, key(1)));
      refused('a version in a plain table', () => storage.put(plain, { id: 1 }, { version: 1n }));
      refused('a condition on a plain table', () => storage.insertIfAbsent(plain, { id: 1 }));
      refused('a condition on a versioned table', () => storage.deleteIf(messages, key(1), {}));
      refused('a key column of another type', () => storage.get(messages, { ...key(1), box: '1' as unknown as number }));
      refused('an int that is none', () => storage.put(plain, { id: 1.5 }));
      refused('a missing key column', () => storage.put(messages, { box: 1, bucket: 0, kind: 1 } as unknown as Parameters<typeof storage.put<typeof messages>>[1], { version: 1n }));
      refused('an unknown column', () => storage.put(plain, { id: 1, c: 'c' } as { id: number }));
      refused('a column of another type', () => storage.put(plain, { id: 1, a: 5 as unknown as string }));
      refused('a key that is too long', () => storage.put(names, { name: 'x'.repeat(KEY_BYTES_MAX) }));
      refused('a row that is too large', () => storage.put(messages, { ...key(1), body: new Uint8Array(ROW_BYTES_MAX + 1) }, { version: 1n }));
      refused('a long beyond 64 bits', () => storage.put(names, { name: 'n', owner: 2n ** 63n }));
      refused('a range without limit', () => storage.range(plain, { id: 1 }, { limit: 0 }));
      refused('a range beyond the limit', () => storage.range(plain, { id: 1 }, { limit: RANGE_ROWS_MAX + 1 }));
      refused('a bound that leaves a column out', () => storage.range(messages, { box: 1, bucket: 0 }, { limit: 1, from: { id: 1 } }));
      refused('too many keys', () => storage.getMany(plain, Array.from({ length: MULTI_GET_KEYS_MAX + 1 }, (_, id) => ({ id }))));
      refused('too many operations', () => storage.batch(Array.from({ length: BATCH_OPERATIONS_MAX + 1 }, (_, id) => putOperation(plain, { id }))));
      refused('a TTL of no time', () => storage.put(plain, { id: 1 }, { ttlSeconds: 0 }));
      refused('a table that was not ensured', () => storage.get(defineTable({ ...plain, name: 'contract_unknown' }), { id: 1 }));
      refused('another key for a table that is there', () => storage.ensureTables([defineTable({ ...plain, partition: { id: 'text' } })]));
      refused('another kind of writes', () => storage.ensureTables([defineTable({ ...plain, writes: 'versioned' as const })]));
      refused('another type of a column', () => storage.ensureTables([defineTable({ ...plain, columns: { a: 'int', b: 'text' } })]));

      test('nothing of a refused write stays', async () => {
        await storage.put(plain, { id: 1, a: 5 as unknown as string }).catch(() => {});
        await storage.put(plain, { id: 2, a: 'a' });
        expect(await storage.get(plain, { id: 1 })).toBeUndefined();
        expect(await storage.get(plain, { id: 2 })).toEqual({ id: 2, a: 'a', b: null });
      });
    });

    test('columns may be added, also beyond eight, and rows from before have null there', async () => {
      await storage.put(plain, { id: 1, a: 'a', b: 'b' });
      const columns = { a: 'text', b: 'text', c: 'int', d: 'int', e: 'int', f: 'int', g: 'int', h: 'int', i: 'int' } as const;
      const wider = defineTable({ ...plain, columns });
      await storage.ensureTables([wider]);
      expect(await storage.get(wider, { id: 1 })).toEqual({ id: 1, a: 'a', b: 'b', c: null, d: null, e: null, f: null, g: null, h: null, i: null });
      await storage.put(wider, { id: 1, i: 9 });
      expect(await storage.get(wider, { id: 1 })).toMatchObject({ a: 'a', b: 'b', i: 9 });
      expect(await storage.get(plain, { id: 1 })).toMatchObject({ a: 'a', b: 'b' });
    });

    test('all of it is there after a restart', async () => {
      if (opened.reopen === undefined) return;
      await storage.put(messages, { ...key(1), body: bytes('kept'), pts: 1 }, { version: 10n });
      await storage.delete(messages, key(2), { version: 20n });
      await storage.put(codes, { phone: '1', attempt: 1, code: 'c' });
      await storage.insertIfAbsent(names, { name: 'n', owner: 1n });
      storage = await opened.reopen();
      await storage.ensureTables(all);
      expect(await storage.get(messages, key(1))).toEqual({ ...key(1), body: bytes('kept'), pts: 1, flags: null });
      await storage.put(messages, { ...key(2), pts: 1 }, { version: 15n });
      expect(await storage.get(messages, key(2))).toBeUndefined();
      await storage.put(messages, { ...key(1), pts: 0 }, { version: 9n });
      expect((await storage.get(messages, key(1)))?.pts).toBe(1);
      expect((await storage.get(codes, { phone: '1', attempt: 1 }))?.code).toBe('c');
      expect(await storage.insertIfAbsent(names, { name: 'n', owner: 2n })).toMatchObject({ applied: false });
      if (time === 'real') return;
      await clock.advance(60_000);
      expect(await storage.get(codes, { phone: '1', attempt: 1 })).toBeUndefined();
    });
  });
}
