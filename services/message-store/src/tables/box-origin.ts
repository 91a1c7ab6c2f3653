import { defineTable } from '@heliograph/storage/table';

/**
 * The origin index: the local id of a message that was first written in another box.
 *
 * Partition: (box, origin_box, bucket), bucket = origin_id div BOX_BUCKET_IDS. Clustering: origin_id.
 * Columns: id = local id in `box`.
 * Rows: at most 10^4 a partition, about 40 bytes each; never removed.
 * TTL: none. Writer: the box engine (deliver), version = the command's. Reader: the box engine (edits, deletes, pins, replies by identity).
 */
export const boxOrigin = defineTable({
  name: 'box_origin',
  keyspace: 'dc',
  partition: { box: 'int', origin_box: 'int', bucket: 'int' },
  clustering: { origin_id: 'int' },
  columns: { id: 'int' },
  writes: 'versioned',
});
