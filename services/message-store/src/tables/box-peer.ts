import { defineTable } from '@heliograph/storage/table';

/**
 * The history of one dialog of a user's box: one short row for each of its messages; the bodies are in box_log. Of Saved Messages each has
 * one more in the dialog of its part (libs/box/src/box-id.ts, savedPart).
 *
 * Partition: (box, peer, bucket), bucket = ordinal of the row in the dialog div PEER_BUCKET_ROWS (DialogRecord.bucket_starts tells
 *   which ids a bucket holds), so that a sparse dialog in a large box is one partition.
 * Clustering: id, newest first.
 * Columns: v = PeerRow (engine/peer-row.ts), 22 bytes: side, date, ordinal, id in the peer's box, version of its deletion.
 * Rows: at most 10^4 a partition, about 60 bytes each; never removed (a deleted message leaves its mark).
 * TTL: none. Writer: the box engine, version = the command's. Reader: the box engine (history, counts, repairs of top and unread).
 */
export const boxPeer = defineTable({
  name: 'box_peer',
  keyspace: 'dc',
  partition: { box: 'int', peer: 'int', bucket: 'int' },
  clustering: { id: { type: 'int', order: 'desc' } },
  columns: { v: 'bytes' },
  writes: 'versioned',
});
