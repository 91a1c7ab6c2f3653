import { ManualClock } from '@heliograph/storage/manual-clock';
import { LogRefused, OffsetOutOfRange } from './errors';
import type { EventLog, LogRecord, Topic } from './event-log';

const commands: Topic = { name: 'embedded-commands', partitions: 4, durability: 'durable', retentionMs: 60_000, recordBytesMax: 100_000 };
const pushes: Topic = { name: 'embedded-pushes', partitions: 2, durability: 'volatile', retentionMs: 60_000, recordBytesMax: 1_000_000 };
const topics = [commands, pushes];

const textOf = ({ value }: LogRecord): string => Buffer.from(value).toString();
const records = (...texts: string[]): { key: string; value: Uint8Array }[] => texts.map((text) => ({ key: 'k', value: Uint8Array.from(Buffer.from(text)) }));
const numbered = (from: number, count: number): { key: string; value: Uint8Array }[] => records(...Array.from({ length: count }, (_, i) => String(from + i)));

/** What a log that lives in its process promises besides the contract. @param open a fresh, empty log on that clock, closed by the suite */
export function describeEmbeddedLog(name: string, open: (clock: ManualClock) => Promise<{ log: EventLog; reopen(): Promise<EventLog> }>): void {
  describe(`embedded event log: ${name}`, () => {
    let clock: ManualClock;
    let opened: Awaited<ReturnType<typeof open>>;
    let log: EventLog;
    beforeEach(async () => {
      clock = new ManualClock();
      opened = await open(clock);
      ({ log } = opened);
      await log.ensureTopics(topics);
    });
    afterEach(() => log.close());

    test.each(topics)('what is appended to $name in one turn comes as one batch, without waiting', async (topic) => {
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
      const got: string[] = [];
      let came = (): void => {};
      const coming = new Promise<void>((resolve) => {
        came = resolve;
      });
      const again = await log.subscribe(pushes, 0, next, async (batch) => {
        got.push(...batch.records.map(textOf));
        came();
      });
      log.append(pushes, 0, records('after'));
      await coming;
      expect(got).toEqual(['after']);
      await again.close();
    });

    test('after a restart a volatile topic begins anew, in a higher epoch', async () => {
      await log.append(pushes, 0, records('gone')).durable;
      const epoch = await log.epoch(pushes);
      log = await opened.reopen();
      await log.ensureTopics(topics);
      expect(await log.bounds(pushes, 0)).toEqual({ earliest: 0n, next: 0n });
      expect(await log.epoch(pushes)).toBeGreaterThan(epoch);
    });

    test('a topic keeps its durability', async () => {
      log = await opened.reopen();
      await expect(log.ensureTopics([{ ...commands, durability: 'volatile' }])).rejects.toBeInstanceOf(LogRefused);
    });
  });
}
