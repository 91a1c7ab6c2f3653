import { ManualClock } from '@heliograph/storage/manual-clock';
import { eventually } from '@heliograph/testing/eventually';
import type { LogRecord, RecordBatch, Topic } from '../event-log';
import { READ_RECORDS_MAX, REDELIVERY_MS } from '../limits';
import { FETCHED_BYTES_MAX } from './limits';
import { PartitionReader } from './partition-reader';

const topic: Topic = { name: 't', partitions: 1, durability: 'durable', retentionMs: 1, recordBytesMax: 1_000_000 };
const recordsFrom = (from: number, count: number, size = 1): LogRecord[] => Array.from({ length: count }, (_, i) => ({ offset: BigInt(from + i), key: '', value: new Uint8Array(size) }));

const open = (handler: (batch: RecordBatch) => Promise<void>) => {
  const clock = new ManualClock();
  const told: string[] = [];
  const reader = new PartitionReader(topic, 'id', 0, 0n, handler, clock, () => told.push('room'), () => told.push('end'));
  const give = (records: LogRecord[]): void => reader.take(records, records.reduce((bytes, { value }) => bytes + value.length, 0), (records.at(-1) as LogRecord).offset + 1n);
  return { reader, clock, told, give };
};

test('batches in order, one at a time, of a bounded size', async () => {
  const sizes: number[] = [];
  let next = 0n;
  let running = 0;
  const { give, reader } = open(async ({ records }) => {
    expect((running += 1)).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    for (const { offset } of records) expect(offset).toBe(next++);
    sizes.push(records.length);
    running -= 1;
  });
  give(recordsFrom(0, 10));
  give(recordsFrom(10, 2_500));
  give(recordsFrom(2_510, 1));
  await eventually(() => next === 2_511n);
  expect(Math.max(...sizes)).toBe(READ_RECORDS_MAX);
  await reader.close();
});

test('a handler that is behind makes it full, and room is told when half is gone', async () => {
  const releases: (() => void)[] = [];
  const { give, reader, told } = open(() => new Promise((resolve) => { releases.push(resolve); }));
  give(recordsFrom(0, 1, FETCHED_BYTES_MAX / 2));
  give(recordsFrom(1, 1, FETCHED_BYTES_MAX / 2 - 1));
  expect(reader.full).toBe(false);
  give(recordsFrom(2, 1, FETCHED_BYTES_MAX));
  expect(reader.full).toBe(true);
  await eventually(() => releases.length === 1);
  releases[0]?.();
  await eventually(() => releases.length === 2);
  expect([reader.full, told]).toEqual([true, []]);
  releases[1]?.();
  await eventually(() => told.length > 0);
  expect([reader.full, told]).toEqual([false, ['room']]);
  await reader.close();
});

test('a failed batch comes again as it was', async () => {
  const seen: bigint[][] = [];
  const { give, clock, reader } = open(async ({ records }) => {
    seen.push(records.map(({ offset }) => offset));
    if (seen.length < 3) throw new Error('not now');
  });
  give(recordsFrom(0, 2));
  await eventually(() => seen.length === 1);
  give(recordsFrom(2, 1));
  await eventually(async () => {
    await clock.advance(REDELIVERY_MS);
    return seen.length === 4;
  });
  expect(seen).toEqual([[0n, 1n], [0n, 1n], [0n, 1n], [2n]]);
  await reader.close();
});

test('an error ends it after what was fetched before is handed over', async () => {
  const seen: bigint[] = [];
  const { give, reader, told } = open(async ({ records }) => { for (const { offset } of records) seen.push(offset); });
  give(recordsFrom(0, 3));
  reader.fail(new Error('gone'));
  give(recordsFrom(3, 1));
  expect(await reader.ended).toMatchObject({ message: 'gone' });
  expect(seen.slice(0, 3)).toEqual([0n, 1n, 2n]);
  expect(told).toEqual(['end']);
  await reader.close();
});

test('close waits for the handler, and ends a redelivery that waits', async () => {
  let release = (): void => {};
  const { give, reader, told } = open(() => new Promise((resolve) => { release = resolve; }));
  give(recordsFrom(0, 1));
  await new Promise((resolve) => setImmediate(resolve));
  let closed = false;
  const closing = reader.close().then(() => { closed = true; });
  await new Promise((resolve) => setImmediate(resolve));
  expect([closed, told]).toEqual([false, ['end']]);
  release();
  await closing;
  expect(await reader.ended).toBeUndefined();

  const failing = open(async () => { throw new Error('never'); });
  failing.give(recordsFrom(0, 1));
  await new Promise((resolve) => setImmediate(resolve));
  await failing.reader.close();
  expect(await failing.reader.ended).toBeUndefined();
});
