import { ManualClock } from '@heliograph/storage/manual-clock';
import { eventually } from '@heliograph/testing/eventually';
import { LogRefused, LogUnavailable, OffsetOutOfRange } from './errors';
import type { EventLog, LogRecord, RecordBatch, Subscription, Topic } from './event-log';
import { READ_RECORDS_MAX, REDELIVERY_MS } from './limits';

const RETENTION_MS = 60_000;
const COMMANDS: Topic = { name: 'contract-commands', partitions: 4, durability: 'durable', retentionMs: RETENTION_MS, recordBytesMax: 100_000 };
const PUSHES: Topic = { name: 'contract-pushes', partitions: 2, durability: 'volatile', retentionMs: RETENTION_MS, recordBytesMax: 1_000_000 };

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const textOf = ({ value }: LogRecord): string => Buffer.from(value).toString();
const records = (...texts: string[]): { key: string; value: Uint8Array }[] => texts.map((text) => ({ key: 'k', value: bytes(text) }));
const numbers = (from: number, count: number): string[] => Array.from({ length: count }, (_, i) => String(from + i));
const numbered = (from: number, count: number): { key: string; value: Uint8Array }[] => records(...numbers(from, count));
/** How long a real engine may take to hand over what is there. */
const SLOW = { timeoutMs: 20_000 };

export interface OpenedLog {
  log: EventLog;
  /** Closes and opens the same log again (a restart); absent where the adapter keeps nothing. */
  reopen?(): Promise<EventLog>;
  /** Set apart from what other runs left on the same engine: added to the names of topics. */
  suffix?: string;
  /** Lets that much time pass for the adapter. Default: the suite's clock moves on. */
  pass?(ms: number): Promise<void>;
  /** Takes the records below `before` away, as retention does in its time. */
  trim?(topic: Topic, partition: number, before: bigint): Promise<void>;
  /** Makes the topic anew, empty, behind the adapter's back. */
  remake?(topic: Topic): Promise<void>;
  /** The same log as another process sees it. */
  other?(): Promise<EventLog>;
}

/** What every event-log adapter promises. @param open a log on that clock, closed by the suite; topics of these names are empty in it */
export function describeEventLogContract(name: string, open: (clock: ManualClock) => Promise<OpenedLog>): void {
  describe(`event-log contract: ${name}`, () => {
    let clock: ManualClock;
    let opened: OpenedLog;
    let log: EventLog;
    let commands: Topic;
    let pushes: Topic;
    const others: EventLog[] = [];

    beforeEach(async () => {
      clock = new ManualClock();
      opened = await open(clock);
      ({ log } = opened);
      commands = { ...COMMANDS, name: `${COMMANDS.name}${opened.suffix ?? ''}` };
      pushes = { ...PUSHES, name: `${PUSHES.name}${opened.suffix ?? ''}` };
      await log.ensureTopics([commands, pushes]);
    });
    afterEach(async () => {
      for (const other of others.splice(0)) await other.close();
      await log.close();
    });
    const pass = (ms: number): Promise<void> => opened.pass?.(ms) ?? clock.advance(ms);
    /** The log as another process sees it. */
    const another = async (): Promise<EventLog> => {
      const other = await (opened.other as () => Promise<EventLog>)();
      others.push(other);
      await other.ensureTopics([commands, pushes]);
      return other;
    };

    /** Collects what a subscriber gets; `until(n)` resolves when it has n records. */
    const collector = (): { got: string[]; offsets: bigint[]; handler: (batch: RecordBatch) => Promise<void>; until(count: number): Promise<unknown> } => {
      const got: string[] = [];
      const offsets: bigint[] = [];
      return {
        got,
        offsets,
        handler: async ({ records: batch }) => {
          got.push(...batch.map(textOf));
          offsets.push(...batch.map(({ offset }) => offset));
        },
        until: (count) => eventually(() => got.length >= count, { ...SLOW, intervalMs: 2, what: `${count} records` }),
      };
    };
    /** A handler that waits until it is released. */
    const gate = (): { passed: Promise<void>; release(): void } => {
      let release = (): void => {};
      const passed = new Promise<void>((resolve) => {
        release = resolve;
      });
      return { passed, release };
    };

    describe.each([['durable', () => commands], ['volatile', () => pushes]])('a %s topic', (_durability, topicOf) => {
      let topic: Topic;
      beforeEach(() => {
        topic = topicOf();
      });

      test('offsets begin at 0 and have no gaps, per partition', async () => {
        expect(await log.bounds(topic, 0)).toEqual({ earliest: 0n, next: 0n });
        const first = log.append(topic, 0, records('a', 'b'));
        const second = log.append(topic, 0, records('c'));
        const other = log.append(topic, 1, records('d'));
        expect(await Promise.all([first.firstOffset, second.firstOffset, other.firstOffset])).toEqual([0n, 2n, 0n]);
        await Promise.all([first.durable, second.durable, other.durable]);
        expect(await log.bounds(topic, 0)).toEqual({ earliest: 0n, next: 3n });
        expect((await log.read(topic, 0, 0n, 10)).map((record) => [record.offset, textOf(record)])).toEqual([[0n, 'a'], [1n, 'b'], [2n, 'c']]);
        expect((await log.read(topic, 1, 0n, 10)).map(textOf)).toEqual(['d']);
      });

      test('a record comes back as it was appended', async () => {
        await log.append(topic, 0, [{ key: 'ключ', value: Uint8Array.from([0, 255, 0]), headers: { traceparent: '00-ab', empty: '', имя: 'é' } }, { key: '', value: new Uint8Array(0) }]).durable;
        const [first, second] = await log.read(topic, 0, 0n, 10);
        expect({ ...first, value: [...(first as LogRecord).value] }).toEqual({ offset: 0n, key: 'ключ', value: [0, 255, 0], headers: { traceparent: '00-ab', empty: '', имя: 'é' } });
        expect({ ...second, value: [...(second as LogRecord).value] }).toEqual({ offset: 1n, key: '', value: [] });
      });

      test('a read begins anywhere and ends at its limit', async () => {
        await log.append(topic, 0, numbered(0, 30)).durable;
        expect((await log.read(topic, 0, 7n, 3)).map(textOf)).toEqual(['7', '8', '9']);
        expect((await log.read(topic, 0, 28n, 10)).map(textOf)).toEqual(['28', '29']);
        expect(await log.read(topic, 0, 30n, 10)).toEqual([]);
      });

      test('a position outside the log is told, at both ends', async () => {
        await log.append(topic, 0, records('a')).durable;
        await expect(log.read(topic, 0, 2n, 10)).rejects.toBeInstanceOf(OffsetOutOfRange);
        await expect(log.read(topic, 0, -1n, 10)).rejects.toMatchObject({ offset: -1n, earliest: 0n, next: 1n });
        await expect(log.subscribe(topic, 0, 2n, async () => {})).rejects.toBeInstanceOf(OffsetOutOfRange);
      });

      test('a subscriber gets what was there and what comes, in order, in batches one at a time', async () => {
        await log.append(topic, 0, numbered(0, 1500)).durable;
        const { got, offsets, handler, until } = collector();
        let running = 0;
        const subscription = await log.subscribe(topic, 0, 3n, async (batch) => {
          running += 1;
          expect(running).toBe(1);
          await batch.durable;
          await new Promise((resolve) => setImmediate(resolve));
          await handler(batch);
          running -= 1;
        });
        for (let i = 1500; i < 1600; i++) {
          log.append(topic, 0, numbered(i, 1));
          if (i % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        await until(1597);
        expect(got).toEqual(numbers(3, 1597));
        expect(offsets).toEqual(Array.from({ length: 1597 }, (_, i) => BigInt(i + 3)));
        await subscription.close();
        expect(await subscription.ended).toBeUndefined();
      });

      test('appends keep their order, whatever their sizes and however many are under way', async () => {
        const large = topic.recordBytesMax - 10;
        const sizes = Array.from({ length: 120 }, (_, i) => (i % 24 === 4 ? large : i % 5));
        const appended = sizes.map((size, i) => log.append(topic, 0, [{ key: String(i), value: new Uint8Array(size).fill(i) }]));
        expect(await Promise.all(appended.map(({ firstOffset }) => firstOffset))).toEqual(sizes.map((_, i) => BigInt(i)));
        await Promise.all(appended.map(({ durable }) => durable));
        const keys: string[] = [];
        const subscription = await log.subscribe(topic, 0, await log.bounds(topic, 0).then(({ earliest }) => earliest), async (batch) => {
          for (const { key, value } of batch.records) {
            keys.push(key);
            expect(value.length).toBe(sizes[Number(key)]);
            expect(Buffer.compare(value, new Uint8Array(value.length).fill(Number(key)))).toBe(0);
          }
        });
        await eventually(() => keys.at(-1) === '119', SLOW);
        expect(keys).toEqual(numbers(120 - keys.length, keys.length));
        await subscription.close();
      });

      test('one append of more than travels at once', async () => {
        const value = new Uint8Array(90_000).fill(7);
        const { firstOffset, durable } = log.append(topic, 0, Array.from({ length: 40 }, (_, i) => ({ key: String(i), value })));
        await durable;
        expect(await firstOffset).toBe(0n);
        let next = 0n;
        while (next < 40n) for (const record of await log.read(topic, 0, next, READ_RECORDS_MAX)) {
          expect([record.offset, record.key, record.value.length]).toEqual([next, String(next), 90_000]);
          next += 1n;
        }
        expect((await log.bounds(topic, 0)).next).toBe(40n);
      });

      test('several subscribers get all of it, each at its own pace', async () => {
        const one = collector();
        const two = collector();
        const { passed, release } = gate();
        const subscriptions = [await log.subscribe(topic, 0, 0n, one.handler), await log.subscribe(topic, 0, 0n, async (batch) => {
          await passed;
          await two.handler(batch);
        })];
        for (let i = 0; i < 20; i++) log.append(topic, 0, numbered(i, 1));
        await one.until(20);
        expect(two.got).toEqual([]);
        release();
        await two.until(20);
        expect(two.got).toEqual(one.got);
        for (const subscription of subscriptions) await subscription.close();
      });

      test('after close no handler runs, and close waits for the one that does', async () => {
        const { passed, release } = gate();
        let calls = 0;
        const subscription = await log.subscribe(topic, 0, 0n, () => {
          calls += 1;
          return passed;
        });
        log.append(topic, 0, records('a'));
        await eventually(() => calls === 1, SLOW);
        let closed = false;
        const closing = subscription.close().then(() => (closed = true));
        await log.append(topic, 0, records('b')).durable;
        await new Promise((resolve) => setImmediate(resolve));
        expect(closed).toBe(false);
        release();
        await closing;
        // Another subscriber gets it; the closed one does not.
        const { handler, until } = collector();
        const later = await log.subscribe(topic, 0, 1n, handler);
        await until(1);
        await later.close();
        expect(calls).toBe(1);
      });

      test('one who comes after another left gets all from where he begins', async () => {
        await log.append(topic, 0, numbered(0, 50)).durable;
        const first = collector();
        const before = await log.subscribe(topic, 0, 50n, first.handler);
        log.append(topic, 0, numbered(50, 1));
        await first.until(1);
        await before.close();
        const { offsets, handler, until } = collector();
        const after = await log.subscribe(topic, 0, 7n, handler);
        for (let i = 51; i < 60; i++) await log.append(topic, 0, numbered(i, 1)).durable;
        await until(53);
        expect(offsets).toEqual(Array.from({ length: 53 }, (_, i) => BigInt(i + 7)));
        await after.close();
      });

      test('a batch whose handler failed comes again', async () => {
        const seen: string[][] = [];
        const { handler, until } = collector();
        const subscription = await log.subscribe(topic, 0, 0n, async (batch) => {
          seen.push(batch.records.map(textOf));
          if (seen.length === 1) throw new Error('not now');
          await handler(batch);
        });
        log.append(topic, 0, records('a', 'b'));
        await eventually(() => seen.length === 1, SLOW);
        await log.append(topic, 0, records('c')).durable;
        expect(seen).toEqual([['a', 'b']]);
        await pass(REDELIVERY_MS);
        await until(3);
        expect(seen).toEqual([['a', 'b'], ['a', 'b'], ['c']]);
        await subscription.close();
      });

      test('positions are kept per group and partition', async () => {
        await log.append(topic, 0, records('a', 'b')).durable;
        expect(await log.findPosition('engine', topic, 0)).toBeUndefined();
        await log.storePosition('engine', topic, 0, 2n);
        await log.storePosition('fanout', topic, 0, 1n);
        expect(await Promise.all([log.findPosition('engine', topic, 0), log.findPosition('fanout', topic, 0), log.findPosition('engine', topic, 1)])).toEqual([2n, 1n, undefined]);
        await expect(log.storePosition('engine', topic, 0, 3n)).rejects.toBeInstanceOf(LogRefused);
        await expect(log.storePosition('engine', topic, 0, -1n)).rejects.toBeInstanceOf(LogRefused);
        await Promise.all([log.storePosition('engine', topic, 0, 0n), log.storePosition('engine', topic, 0, 1n)]);
        expect(await log.findPosition('engine', topic, 0)).toBe(1n);
      });
    });

    describe('a log whose beginning was cut off', () => {
      const trimmed = async (): Promise<void> => {
        await log.append(commands, 0, numbered(0, 100)).durable;
        await (opened.trim as NonNullable<OpenedLog['trim']>)(commands, 0, 60n);
        await eventually(async () => (await log.bounds(commands, 0)).earliest === 60n, SLOW);
      };

      test('goes on at the same offsets, and tells who wants what is gone', async () => {
        if (opened.trim === undefined) return;
        await trimmed();
        expect(await log.bounds(commands, 0)).toEqual({ earliest: 60n, next: 100n });
        await expect(log.read(commands, 0, 59n, 1)).rejects.toMatchObject({ name: 'OffsetOutOfRange', offset: 59n, earliest: 60n, next: 100n });
        expect((await log.read(commands, 0, 60n, 1)).map(textOf)).toEqual(['60']);
        expect(await log.append(commands, 0, records('next')).firstOffset).toBe(100n);
      });

      test('a stored position keeps its records, or is found and refused: nothing is skipped', async () => {
        if (opened.trim === undefined) return;
        await log.append(commands, 0, numbered(0, 100)).durable;
        await log.storePosition('slow', commands, 0, 10n);
        await opened.trim(commands, 0, 60n);
        const earliest = await eventually(async () => (await log.bounds(commands, 0)).earliest, SLOW);
        expect(await log.findPosition('slow', commands, 0)).toBe(10n);
        if (earliest === 10n) expect((await log.read(commands, 0, 10n, 1)).map(textOf)).toEqual(['10']);
        else await expect(log.subscribe(commands, 0, 10n, async () => {})).rejects.toMatchObject({ name: 'OffsetOutOfRange', offset: 10n, earliest: 60n });
      });

      test('a subscriber who is overtaken ends, and has skipped nothing', async () => {
        if (opened.trim === undefined) return;
        const value = new Uint8Array(90_000);
        const { offsets, handler } = collector();
        const { passed, release } = gate();
        const subscription = await log.subscribe(commands, 0, 0n, async (batch) => {
          await passed;
          await handler(batch);
        });
        // More than an adapter may hold for one subscriber.
        for (let i = 0; i < 10; i++) await log.append(commands, 0, Array.from({ length: 20 }, () => ({ key: 'k', value }))).durable;
        await opened.trim(commands, 0, 195n);
        await eventually(async () => (await log.bounds(commands, 0)).earliest === 195n, SLOW);
        release();
        expect(await subscription.ended).toMatchObject({ name: 'OffsetOutOfRange', earliest: 195n });
        expect(offsets).toEqual(offsets.map((_, index) => BigInt(index)));
        expect(offsets.length).toBeLessThan(195);
      });
    });

    describe('a topic that was made anew', () => {
      test('has a higher epoch, and none of the old positions', async () => {
        if (opened.remake === undefined) return;
        const epoch = await log.epoch(commands);
        expect(await log.epoch(commands)).toBe(epoch);
        await log.append(commands, 0, numbered(0, 10)).durable;
        await log.storePosition('engine', commands, 0, 8n);
        await opened.remake(commands);
        await eventually(async () => await log.epoch(commands) > epoch, SLOW);
        expect(await log.epoch(commands)).toBe(epoch + 1);
        expect(await log.bounds(commands, 0)).toEqual({ earliest: 0n, next: 0n });
        expect(await log.findPosition('engine', commands, 0)).toBeUndefined();
        await expect(log.subscribe(commands, 0, 8n, async () => {})).rejects.toMatchObject({ name: 'OffsetOutOfRange', offset: 8n, next: 0n });
        expect(await log.append(commands, 0, records('anew')).firstOffset).toBe(0n);
      });

      test('ends who read the old one, though his offset is there again', async () => {
        if (opened.remake === undefined) return;
        const epoch = await log.epoch(commands);
        await log.append(commands, 0, numbered(0, 10)).durable;
        const { got, handler, until } = collector();
        const subscription = await log.subscribe(commands, 0, 5n, handler, { epoch });
        await until(5);
        await opened.remake(commands);
        await eventually(async () => await log.epoch(commands) > epoch, SLOW);
        await log.append(commands, 0, numbered(100, 30)).durable;
        expect(await subscription.ended).toBeInstanceOf(Error);
        expect(got).toEqual(numbers(5, 5));
        await expect(log.subscribe(commands, 0, 5n, handler, { epoch })).rejects.toBeInstanceOf(LogUnavailable);
        const again = collector();
        const next = await log.subscribe(commands, 0, 5n, again.handler, { epoch: await log.epoch(commands) });
        await again.until(25);
        expect(again.got).toEqual(numbers(105, 25));
        await next.close();
      });

      test('all processes that ask at once get the same epoch', async () => {
        if (opened.remake === undefined || opened.other === undefined) return;
        const logs = [log, await another(), await another()];
        let before = 0;
        for (let round = 0; round < 3; round++) {
          const epochs = await eventually(async () => {
            const answers = await Promise.all(logs.flatMap((each) => [each.epoch(commands), each.epoch(commands)]));
            return answers.every((answer) => answer > before) ? answers : undefined;
          }, SLOW);
          expect(new Set(epochs).size).toBe(1);
          before = epochs[0] as number;
          await opened.remake(commands);
        }
      });
    });

    describe('several processes', () => {
      test('append to one partition: one order, nothing lost, each one\'s own order kept', async () => {
        if (opened.other === undefined) return;
        const logs = [log, await another(), await another()];
        const offsets = await Promise.all(logs.map(async (each, who) => {
          const appended = Array.from({ length: 200 }, (_, i) => each.append(commands, 0, [{ key: String(who), value: bytes(String(i)) }]).firstOffset);
          return Promise.all(appended);
        }));
        for (const own of offsets) expect(own).toEqual([...own].toSorted((a, b) => Number(a - b)));
        expect(offsets.flat().toSorted((a, b) => Number(a - b))).toEqual(Array.from({ length: 600 }, (_, i) => BigInt(i)));
        const all = await log.read(commands, 0, 0n, READ_RECORDS_MAX);
        for (let who = 0; who < logs.length; who++) {
          expect(all.filter(({ key }) => key === String(who)).map(textOf)).toEqual(numbers(0, 200));
        }
      });

      test('what one stores another finds', async () => {
        if (opened.other === undefined) return;
        await log.append(commands, 2, numbered(0, 5)).durable;
        await log.storePosition('engine', commands, 2, 3n);
        const other = await another();
        expect(await other.findPosition('engine', commands, 2)).toBe(3n);
        expect((await other.read(commands, 2, 3n, 10)).map(textOf)).toEqual(['3', '4']);
      });

      test('partitions that move between them every few hundred milliseconds: each goes on at the stored position', async () => {
        if (opened.other === undefined) return;
        const logs = [log, await another()];
        const total = 600;
        let appending = true;
        const appended = (async () => {
          for (let i = 0; i < total; i++) {
            for (const partition of [0, 1]) await logs[i % 2]?.append(commands, partition, numbered(i, 1)).durable;
          }
          appending = false;
        })();
        const taken: bigint[][] = [[], []];
        let moves = 0;
        for (let owner = 0; appending || taken.some((offsets) => new Set(offsets).size < total); owner += 1) {
          const owners = [0, 1].map((partition) => logs[(owner + partition) % 2] as EventLog);
          const subscriptions: Subscription[] = await Promise.all(owners.map(async (own, partition) => {
            let next = await own.findPosition('moving', commands, partition) ?? 0n;
            return own.subscribe(commands, partition, next, async (batch) => {
              for (const { offset } of batch.records) {
                expect(offset).toBe(next);
                next += 1n;
                taken[partition]?.push(offset);
              }
              await own.storePosition('moving', commands, partition, next);
            });
          }));
          const until = performance.now() + 200;
          await eventually(() => performance.now() > until);
          for (const subscription of subscriptions) await subscription.close();
          moves += 1;
        }
        await appended;
        expect(moves).toBeGreaterThan(2);
        for (const offsets of taken) {
          // A position is stored after its batch: what is closed in between may come once more, never less.
          expect([...new Set(offsets)]).toEqual(Array.from({ length: total }, (_, i) => BigInt(i)));
        }
      });
    });

    describe('refusals', () => {
      const refused = (what: string, work: () => Promise<unknown>): void => test(what, () => expect(work()).rejects.toBeInstanceOf(LogRefused));
      refused('a record that is too large', () => log.append(commands, 0, [{ key: '', value: new Uint8Array(commands.recordBytesMax + 1) }]).durable);
      refused('an append of nothing', () => log.append(commands, 0, []).firstOffset);
      refused('a partition that is not there', () => log.append(commands, 4, records('a')).durable);
      refused('a topic that was not ensured', () => log.bounds({ ...commands, name: 'contract-unknown' }, 0));
      refused('a read of too much', () => log.read(commands, 0, 0n, READ_RECORDS_MAX + 1));
      test('one record that is too large refuses the append whole', async () => {
        await log.append(commands, 0, [...records('a'), { key: '', value: new Uint8Array(commands.recordBytesMax + 1) }]).durable.catch(() => {});
        expect(await log.bounds(commands, 0)).toEqual({ earliest: 0n, next: 0n });
      });
      test('after close everything', async () => {
        const { handler, until } = collector();
        const subscription = await log.subscribe(commands, 0, 0n, handler);
        const { durable } = log.append(commands, 0, records('last'));
        await until(1);
        await log.close();
        await durable;
        expect(await subscription.ended).toBeUndefined();
        await expect(log.append(commands, 0, records('late')).durable).rejects.toBeInstanceOf(LogUnavailable);
        await expect(log.read(commands, 0, 0n, 1)).rejects.toBeInstanceOf(LogUnavailable);
        await expect(log.subscribe(commands, 0, 0n, handler)).rejects.toBeInstanceOf(LogUnavailable);
      });
    });

    test('a restart keeps durable records, positions and the epoch', async () => {
      if (opened.reopen === undefined) return;
      await log.append(commands, 3, numbered(0, 1200)).durable;
      await log.storePosition('engine', commands, 3, 7n);
      const epoch = await log.epoch(commands);
      log = await opened.reopen();
      await log.ensureTopics([commands, pushes]);
      expect(await log.bounds(commands, 3)).toEqual({ earliest: 0n, next: 1200n });
      expect(await log.findPosition('engine', commands, 3)).toBe(7n);
      expect(await log.epoch(commands)).toBe(epoch);
      const { got, handler, until } = collector();
      const subscription = await log.subscribe(commands, 3, 7n, handler);
      log.append(commands, 3, numbered(1200, 10));
      await until(1203);
      expect(got).toEqual(numbers(7, 1203));
      await subscription.close();
    });

    test('a topic keeps its partitions', async () => {
      if (opened.reopen === undefined) return;
      log = await opened.reopen();
      await expect(log.ensureTopics([{ ...commands, partitions: 5 }])).rejects.toBeInstanceOf(LogRefused);
    });
  });
}
