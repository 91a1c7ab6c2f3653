import { defineTable } from '@heliograph/storage/table';

/**
 * What comes due in the boxes of one slice: messages that wait to be sent, messages whose period ends, polls that close, channels whose creator left and is not back.
 *
 * Partition: (slice, hour), slice = the boxes' partition of box-commands, hour = unix time div 3600 of `at`, or of the writer's clock when
 *   that is later: no row enters an hour that is closed (engine/due-sweeper.ts). So the rows of an hour go together, and so do their tombstones.
 * Clustering: at (unix seconds), box, kind, peer (0 where the id is the box's own), id.
 * Columns: version = of the command that wrote it.
 * Rows: one for each scheduled message, for each copy of a poll that closes by itself, for each copy of a message in a chat with an auto-delete period, and for each leaving of a creator, about 60 bytes each.
 *   Removed by the command that does what is due; what is due no more (deleted, scheduled anew) stays until its time and is removed then.
 * TTL: none. Writer: the box engine, version = the command's. Reader: the sweeper of the slice.
 */
export const boxDue = defineTable({
  name: 'box_due',
  keyspace: 'dc',
  partition: { slice: 'int', hour: 'int' },
  clustering: { at: 'int', box: 'int', kind: 'int', peer: 'int', id: 'int' },
  columns: { version: 'long' },
  writes: 'versioned',
});

/** Values of `kind`. Stored for ever. */
export const DUE_SCHEDULED = 1;
export const DUE_EXPIRY = 2;
export const DUE_POLL = 3;
export const DUE_CREATOR = 4;
