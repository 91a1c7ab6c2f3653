import { defineTable } from '@heliograph/storage/table';

/**
 * The memory of random_id: what was sent from a box, so that a retry returns the same message.
 *
 * Partition: (box, bucket), bucket = id div SENT_BUCKET_IDS. Clustering: id of the message, newest first.
 * Columns: random_id, date (unix seconds of the command). Whether a retry is still recognised is decided by the newest SENT_REMEMBERED_ROWS
 *   rows and by their dates (engine/sent-memory.ts), never by whether a row is still there.
 * Rows: at most 10^5 a partition, about 40 bytes each.
 * TTL: none. Writer: the box engine (send, notices), version = the command's. Reader: the box engine, at the first send of a cold box.
 */
export const boxSent = defineTable({
  name: 'box_sent',
  keyspace: 'dc',
  partition: { box: 'int', bucket: 'int' },
  clustering: { id: { type: 'int', order: 'desc' } },
  columns: { random_id: 'long', date: 'int' },
  writes: 'versioned',
});
