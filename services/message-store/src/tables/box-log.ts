import { defineTable } from '@heliograph/storage/table';

/**
 * What happened in a box, by pts: the messages themselves and the record of every other change.
 *
 * Partition: (box, bucket), bucket = id div BOX_BUCKET_IDS. A box is a user's (id > 0) or a channel's (−id).
 * Clustering: kind (2 message, 3 change), id. A message's id *is* the pts of its creation, a change's id is the pts after it, so
 *   that a difference is two slices of a partition (ADR 0002, "ids and pts").
 * Columns: v = MessageRecord (kind 2) or BoxUpdate (kind 3; of an edit only the message's id, the message is read fresh).
 * Rows: at most 10^4 a partition, of about 350 bytes; never removed (a deleted message keeps its row, content erased, as a mark).
 * TTL: none. Writer: the box engine, version = the command's. Readers: the box engine (getMessages, history, differences).
 */
export const boxLog = defineTable({
  name: 'box_log',
  keyspace: 'dc',
  partition: { box: 'int', bucket: 'int' },
  clustering: { kind: 'int', id: 'int' },
  columns: { v: 'bytes' },
  writes: 'versioned',
});

/** Values of `kind`. Stored for ever. */
export const LOG_MESSAGE = 2;
export const LOG_CHANGE = 3;
