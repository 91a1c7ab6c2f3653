import { ManualClock } from '@heliograph/storage/manual-clock';
import { LogRefused, OffsetOutOfRange } from './errors';
import type { EventLog, LogRecord, RecordBatch, Topic } from './event-log';
import { READ_RECORDS_MAX, REDELIVERY_MS } from './limits';

const commands: Topic = { name: 'contract-commands', partitions: 4, durability: 'durable', retentionMs: 60_000, recordBytesMax: 100_000 };
const pushes: Topic = { name: 'contract-pushes', partitions: 2, durability: 'volatile', retentionMs: 60_000, recordBytesMax: 1_000_000 };
const topics = [commands, pushes];

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const textOf = ({ value }: LogRecord): string => Buffer.from(value).toString();
const records = (...texts: string[]): { key: string; value: Uint8Array }[] => texts.map((text) => ({ key: 'k', value: bytes(text) }));
const numbered = (from: number, count: number): { key: string; value: Uint8Array }[] => records(...Array.from({ length: count }, (_, i) => String(from + i)));

export interface OpenedLog {
  log: EventLog;
  /** Closes and opens the same data again (a restart); absent where the adapter keeps nothing. */
  reopen?(): Promise<EventLog>;
}

/** What every event-log adapter promises. @param open a fresh, empty log on that clock, closed by the suite */
export function describeEventLogContract(name: string, open: (clock: ManualClock) => Promise<OpenedLog>): void {
  describe(`event-log contract: ${name}`, () => {
    let clock: ManualClock;
    let opened: OpenedLog;
    let log: EventLog;

    beforeEach(async () => {
      clock = new ManualClock();
      opened = await open(clock);
      ({ log } = opened);
      await log.ensureTopics(topics);
    });
    afterEach(() => log.close());

    /** Collects what a subscriber gets; `until(n)` resolves when it has n records. */
    const collector = (): { got: string[]; handler: (batch: RecordBatch) => Promise<void>; until(count: number): Promise<void> } => {
      const got: string[] = [];
      let waiting: { count: number; wake: () => void } | undefined;
      return {
        got,
        handler: async ({ records: batch }) => {
          got.push(...batch.map(textOf));
          if (waiting !== undefined && got.length >= waiting.count) waiting.wake();
        },
        until: (count) => new Promise((resolve) => {
          if (got.length >= count) resolve();
          else waiting = { count, wake: resolve };
        }),
      };
    };

    describe.each([['durable', commands], ['volatile', pushes]])('a %s topic', (_durability, topic) => {
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
        await log.append(topic, 0, [{ key: 'ключ', value: Uint8Array.from([0, 255, 0]), headers: { traceparent: '00-ab', empty: '' } }, { key: '', value: new Uint8Array(0) }]).durable;
        const [first, second] = await log.read(topic, 0, 0n, 10);
        expect({ ...first, value: [...(first as LogRecord).value] }).toEqual({ offset: 0n, key: 'ключ', value: [0, 255, 0], headers: { traceparent: '00-ab', empty: '' } });
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
        const { got, handler, until } = collector();
        let running = 0;
        const offsets: bigint[] = [];
        const subscription = await log.subscribe(topic, 0, 3n, async (batch) => {
          running += 1;
          expect(running).toBe(1);
          await batch.durable;
          await new Promise((resolve) => setImmediate(resolve));
          offsets.push(...batch.records.map(({ offset }) => offset));
          await handler(batch);
          running -= 1;
        });
        for (let i = 1500; i < 1600; i++) {
          log.append(topic, 0, numbered(i, 1));
          if (i % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        await until(1597);
        expect(got).toEqual(Array.from({ length: 1597 }, (_, i) => String(i + 3)));
        expect(offsets).toEqual(Array.from({ length: 1597 }, (_, i) => BigInt(i + 3)));
        await subscription.close();
        expect(await subscription.ended).toBeUndefined();
      });

      test('what is appended in one turn comes as one batch, without waiting', async () => {
        const batches: string[][] = [];
        const subscription = await log.subscribe(topic, 0, 0n, async (batch) => {
          batches.push(batch.records.map(textOf));
        });
        log.append(topic, 0, records('a'));
        log.append(topic, 0, records('b', 'c'));
        await Promise.resolve();
        await Promise.resolve();
        expect(batches).toEqual([['a', 'b', 'c']]);
        await subscription.close();
      });

      test('several subscribers get all of it, each at its own pace', async () => {
        const one = collector();
        const two = collector();
        let release = (): void => {};
        const held = new Promise<void>((resolve) => {
          release = resolve;
        });
        const subscriptions = [await log.subscribe(topic, 0, 0n, one.handler), await log.subscribe(topic, 0, 0n, async (batch) => {
          await held;
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
        let release = (): void => {};
        let begun = (): void => {};
        const started = new Promise<void>((resolve) => {
          begun = resolve;
        });
        let calls = 0;
        const subscription = await log.subscribe(topic, 0, 0n, () => new Promise((resolve) => {
          calls += 1;
          release = resolve;
          begun();
        }));
        log.append(topic, 0, records('a'));
        await started;
        let closed = false;
        const closing = subscription.close().then(() => (closed = true));
        log.append(topic, 0, records('b'));
        await new Promise((resolve) => setImmediate(resolve));
        expect(closed).toBe(false);
        release();
        await closing;
        await new Promise((resolve) => setImmediate(resolve));
        expect(calls).toBe(1);
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
        await new Promise((resolve) => setImmediate(resolve));
        log.append(topic, 0, records('c'));
        expect(seen).toEqual([['a', 'b']]);
        await clock.advance(REDELIVERY_MS);
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
      });
    });

    test('records past their retention go, but none that a group still wants, and not the newest', async () => {
      await log.append(commands, 0, numbered(0, 100)).durable;
      await log.storePosition('slow', commands, 0, 40n);
      await log.storePosition('fast', commands, 0, 100n);
      await clock.advance(59_000);
      await log.append(commands, 0, numbered(100, 10)).durable;
      expect((await log.bounds(commands, 0)).earliest).toBe(0n);
      await clock.advance(10_000);
      expect(await log.bounds(commands, 0)).toEqual({ earliest: 40n, next: 110n });
      await expect(log.read(commands, 0, 39n, 1)).rejects.toBeInstanceOf(OffsetOutOfRange);
      expect((await log.read(commands, 0, 40n, 1)).map(textOf)).toEqual(['40']);
      await log.storePosition('slow', commands, 0, 110n);
      await clock.advance(5_000);
      expect(await log.bounds(commands, 0)).toEqual({ earliest: 100n, next: 110n });
      await log.storePosition('fast', commands, 0, 110n);
      await clock.advance(600_000);
      expect(await log.bounds(commands, 0)).toEqual({ earliest: 109n, next: 110n });
      expect(await log.append(commands, 0, records('next')).firstOffset).toBe(110n);
    });

    test('a volatile subscriber that falls behind is told, and one that begins at the end goes on', async () => {
      const large = new Uint8Array(900_000);
      let release = (): void => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const subscription = await log.subscribe(pushes, 0, 0n, () => held);
      await log.append(pushes, 0, records('first')).durable;
      await new Promise((resolve) => setImmediate(resolve));
      for (let i = 0; i < 40; i++) log.append(pushes, 0, [{ key: 'k', value: large }]);
      const { earliest, next } = await log.bounds(pushes, 0);
      expect(earliest).toBeGreaterThan(1n);
      release();
      expect(await subscription.ended).toMatchObject({ name: 'OffsetOutOfRange', offset: 1n, earliest });
      const { got, handler, until } = collector();
      const again = await log.subscribe(pushes, 0, next, handler);
      log.append(pushes, 0, records('after'));
      await until(1);
      expect(got).toEqual(['after']);
      await again.close();
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
    });

    test('a restart keeps durable records, positions and the epoch; a volatile topic begins anew in a higher epoch', async () => {
      if (opened.reopen === undefined) return;
      await log.append(commands, 3, numbered(0, 1200)).durable;
      await log.storePosition('engine', commands, 3, 7n);
      await log.append(pushes, 0, records('gone')).durable;
      const [epoch, volatileEpoch] = [await log.epoch(commands), await log.epoch(pushes)];
      log = await opened.reopen();
      await log.ensureTopics(topics);
      expect(await log.bounds(commands, 3)).toEqual({ earliest: 0n, next: 1200n });
      expect(await log.findPosition('engine', commands, 3)).toBe(7n);
      expect(await log.epoch(commands)).toBe(epoch);
      expect(await log.bounds(pushes, 0)).toEqual({ earliest: 0n, next: 0n });
      expect(await log.epoch(pushes)).toBeGreaterThan(volatileEpoch);
      const { got, handler, until } = collector();
      const subscription = await log.subscribe(commands, 3, 7n, handler);
      log.append(commands, 3, numbered(1200, 10));
      await until(1203);
      expect(got).toEqual(Array.from({ length: 1203 }, (_, i) => String(i + 7)));
      await subscription.close();
    });

    test('a topic keeps its partitions and its durability', async () => {
      if (opened.reopen === undefined) return;
      log = await opened.reopen();
      await expect(log.ensureTopics([{ ...commands, partitions: 5 }])).rejects.toBeInstanceOf(LogRefused);
      await expect(log.ensureTopics([{ ...commands, durability: 'volatile' }])).rejects.toBeInstanceOf(LogRefused);
    });
  });
}
