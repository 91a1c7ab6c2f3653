import { ManualClock } from '@heliograph/storage/manual-clock';
import { eventually } from '@heliograph/testing/eventually';
import { LogUnavailable, OffsetOutOfRange } from '../errors';
import type { AppendRecord, LogRecord, PlacedRecords, Topic } from '../event-log';
import { Following, type FollowSource } from './following';
import { HANDED_AHEAD_RECORDS_MAX, HANDED_CALM_MS, HANDED_CALM_TURNS, HANDED_GAP_MS, HANDED_PROBE_MS, RETRY_FIRST_MS } from './limits';
import { SILENT } from './notes';
import { PartitionReader } from './partition-reader';

const topic: Topic = { name: 't', partitions: 1, durability: 'durable', retentionMs: 1, recordBytesMax: 1_000_000 };
const record = (offset: number): AppendRecord => ({ key: 'k', value: Buffer.from(`v${offset}`) });

/** A log, a reader of it from offset 0, and what it was given. */
function follow({ held = 0, handler }: { held?: number; handler?: () => Promise<void> } = {}) {
  const clock = new ManualClock();
  const log: LogRecord[] = [];
  const append = (count: number): number => {
    const first = log.length;
    for (let i = 0; i < count; i += 1) log.push({ offset: BigInt(log.length), ...record(log.length) });
    return first;
  };
  append(held);
  const world = { reads: 0, probes: 0, down: undefined as Error | undefined, current: true, answered: Promise.resolve() };
  const source: FollowSource = {
    read: async ({ position }) => {
      world.reads += 1;
      const records = log.slice(Number(position), Number(position) + 2);
      await world.answered;
      if (world.down !== undefined) throw world.down;
      return { records, bytes: records.length * 3, next: position + BigInt(records.length) };
    },
    ends: async (readers) => {
      world.probes += 1;
      return readers.map(() => BigInt(log.length));
    },
    isCurrent: () => world.current,
  };
  const following = new Following(source, clock, SILENT);
  const taken: string[] = [];
  const reader: PartitionReader = new PartitionReader(topic, 'id', 0, 0n, async ({ records }) => {
    for (const { offset, value } of records) taken.push(`${offset}${Buffer.from(value).toString()}`);
    await handler?.();
  }, clock, (full) => following.resume(full), (ended) => following.remove(ended));
  following.add(reader);
  const placed = (first: number, count = 1, incarnation = 'id'): PlacedRecords => ({ topic: 't', incarnation, partition: 0, firstOffset: BigInt(first), records: Array.from({ length: count }, (_, i) => record(first + i)) });
  /** Time enough for the log's end to be looked at. */
  const looked = async (): Promise<void> => {
    for (const ms of [HANDED_PROBE_MS, HANDED_PROBE_MS, HANDED_GAP_MS]) await clock.advance(ms);
  };
  const expected = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}v${i}`);
  return { clock, log, append, world, following, reader, taken, placed, expected, looked };
}

test('reads what is there, then takes what is handed over without asking', async () => {
  const { append, world, following, taken, placed, expected, reader } = follow({ held: 5 });
  await eventually(() => taken.length === 5 && world.reads === 4);
  following.offer(placed(append(2), 2));
  following.offer(placed(append(1)));
  await eventually(() => taken.length === 8);
  expect(taken).toEqual(expected(8));
  expect([world.reads, reader.position]).toEqual([4, 8n]);
  await reader.close();
});

test('what comes twice, or in parts that are known, is taken once', async () => {
  const { append, world, following, taken, placed, expected, reader } = follow();
  await eventually(() => world.reads === 1);
  append(6);
  for (const [first, count] of [[0, 2], [0, 2], [1, 3], [0, 1], [2, 4]] as const) following.offer(placed(first, count));
  await eventually(() => taken.length === 6);
  expect([taken, world.reads]).toEqual([expected(6), 1]);
  await reader.close();
});

test('what is missing gets a moment to come; then the log is asked', async () => {
  const { append, clock, world, following, taken, placed, expected, reader } = follow();
  await eventually(() => world.reads === 1);
  append(3);
  following.offer(placed(2));
  following.offer(placed(1));
  following.offer(placed(0));
  await eventually(() => taken.length === 3);
  await clock.advance(HANDED_GAP_MS);
  expect(world.reads).toBe(1);
  append(3);
  following.offer(placed(4, 2));
  await clock.advance(HANDED_GAP_MS - 1);
  expect([taken.length, world.reads]).toEqual([3, 1]);
  await clock.advance(1);
  await eventually(() => taken.length === 6);
  expect(taken).toEqual(expected(6));
  await reader.close();
});

test('what nobody handed over is found by the log\'s end', async () => {
  const { append, clock, world, following, taken, expected, reader, looked } = follow();
  await eventually(() => world.reads === 1);
  append(3);
  await looked();
  await eventually(() => taken.length === 3);
  append(1);
  following.sawEnd('t', 0, 4n);
  await clock.advance(HANDED_GAP_MS);
  await eventually(() => taken.length === 4);
  expect(taken).toEqual(expected(4));
  await reader.close();
  const { probes } = world;
  await clock.advance(3 * HANDED_PROBE_MS);
  expect(world.probes).toBe(probes);
});

test('the log\'s end is looked at seldom while all is handed over, and not at all where records come', async () => {
  const { append, clock, world, following, taken, placed, expected, reader, looked } = follow();
  await eventually(() => world.reads === 1);
  await clock.advance(HANDED_CALM_MS);
  const probesOf = async (turns: number, each: () => void = () => {}): Promise<number> => {
    const before = world.probes;
    for (let turn = 0; turn < turns; turn += 1) {
      each();
      await clock.advance(HANDED_PROBE_MS);
    }
    return world.probes - before;
  };
  await probesOf(1);
  expect(await probesOf(2 * HANDED_CALM_TURNS)).toBe(2);
  expect(await probesOf(2 * HANDED_CALM_TURNS, () => following.offer(placed(append(1))))).toBe(0);
  append(1);
  await probesOf(HANDED_CALM_TURNS);
  await looked();
  await eventually(() => taken.length === 2 * HANDED_CALM_TURNS + 1);
  expect(taken).toEqual(expected(taken.length));
  // Something was not handed over: more of it may come.
  await probesOf(1);
  expect(await probesOf(4)).toBe(4);
  await reader.close();
});

test('records of another incarnation are not taken', async () => {
  const { append, world, following, taken, placed, reader } = follow();
  await eventually(() => world.reads === 1);
  append(1);
  world.down = new LogUnavailable('made anew');
  world.current = false;
  following.offer(placed(0, 1, 'other'));
  expect(await reader.ended).toBe(world.down);
  expect(taken).toEqual([]);
});

test('what is handed over while the log is read is taken once, in order', async () => {
  const { append, world, following, taken, placed, expected, reader } = follow();
  await eventually(() => world.reads === 1);
  append(2);
  let answer = (): void => {};
  world.answered = new Promise((resolve) => { answer = resolve; });
  following.offer(placed(0, 1, 'other'));
  expect(world.reads).toBe(2);
  following.offer(placed(0));
  append(2);
  following.offer(placed(3));
  answer();
  await eventually(() => taken.length === 4);
  expect(taken).toEqual(expected(4));
  await reader.close();
});

test('more than is kept is read', async () => {
  const { append, clock, world, following, taken, placed, expected, reader } = follow();
  await eventually(() => world.reads === 1);
  append(1);
  for (let i = 0; i < HANDED_AHEAD_RECORDS_MAX + 10; i += 1) following.offer(placed(append(1)));
  await clock.advance(HANDED_GAP_MS);
  await eventually(() => taken.length === HANDED_AHEAD_RECORDS_MAX + 11);
  expect(taken).toEqual(expected(HANDED_AHEAD_RECORDS_MAX + 11));
  await reader.close();
});

test('a log that can not be read is asked again; one that holds less than was read ends the reader', async () => {
  const { append, clock, log, world, taken, expected, reader, looked } = follow();
  await eventually(() => world.reads === 1);
  append(2);
  world.down = new LogUnavailable('no leader');
  await looked();
  await eventually(() => world.reads === 2);
  world.down = undefined;
  await clock.advance(RETRY_FIRST_MS);
  await eventually(() => taken.length === 2);
  expect(taken).toEqual(expected(2));
  log.length = 1;
  world.down = new OffsetOutOfRange('t', 0, 2n, 0n, 1n);
  await looked();
  expect(await reader.ended).toBe(world.down);
});

test('somebody who speaks of records that are not there is not believed for ever', async () => {
  const { clock, world, following, reader } = follow();
  await eventually(() => world.reads === 1);
  following.sawEnd('t', 0, 9n);
  await clock.advance(HANDED_GAP_MS);
  await eventually(() => world.reads === 2);
  await clock.advance(3 * HANDED_GAP_MS);
  expect(world.reads).toBe(2);
  await reader.close();
});
