import { defineTable } from '@heliograph/storage/table';

/**
 * Low-water marks: every command of the partition below `next` is in rows and heads.
 *
 * Partition: (topic, epoch). Clustering: partition of the topic. The epoch is in the key, so that the marks of a topic that was made
 *   anew are never taken for those of its predecessor.
 * Columns: next = offset at which a replay begins.
 * Rows: as many as the topic has partitions (16), about 40 bytes each, overwritten about once a second while there is traffic.
 * TTL: none. Writer and reader: the box engine; version = that of the command at `next`.
 */
export const boxProgress = defineTable({
  name: 'box_progress',
  keyspace: 'dc',
  partition: { topic: 'text', epoch: 'int' },
  clustering: { partition: 'int' },
  columns: { next: 'long' },
  writes: 'versioned',
});
