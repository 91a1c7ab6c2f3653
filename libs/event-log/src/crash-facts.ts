import { defineTable } from '@heliograph/storage/table';
import type { Topic } from './event-log';

/** What crash.test.ts and the process that it kills agree on. */
export const CRASH_PARTITIONS = 4;

export const crashTopic: Topic = { name: 'crash-commands', partitions: CRASH_PARTITIONS, durability: 'durable', retentionMs: 3_600_000, recordBytesMax: 10_000 };

/** Kind 1: a row per record, its id the record's offset. Kind 0: the newest offset, overwritten by each. */
export const crashRows = defineTable({
  name: 'crash_rows',
  keyspace: 'dc',
  partition: { partition: 'int' },
  clustering: { kind: 'int', id: 'int' },
  columns: { body: 'bytes' },
  writes: 'versioned',
});

/** The bytes that record and row of that offset hold. */
export function fillOf(partition: number, offset: bigint): Uint8Array {
  return Buffer.alloc(1 + Number((offset * 37n) % 4000n), `${partition}/${offset};`);
}
