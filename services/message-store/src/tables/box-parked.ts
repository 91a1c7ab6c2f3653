import { defineTable } from '@heliograph/storage/table';

/**
 * Commands of other boxes that arrived for a box while it was on its way to another DC, in their order (ADR 0011).
 *
 * Partition: box. Clustering: version of the command here.
 * Columns: v = Command, ready to be sent on.
 * Rows: what others did to the box in the seconds or minutes of its way, about 500 bytes each. Removed when it has arrived.
 * TTL: none. Writer and reader: the box engine (parking, release), version = the command's.
 */
export const boxParked = defineTable({
  name: 'box_parked',
  keyspace: 'dc',
  partition: { box: 'int' },
  clustering: { version: 'long' },
  columns: { v: 'bytes' },
  writes: 'versioned',
});
