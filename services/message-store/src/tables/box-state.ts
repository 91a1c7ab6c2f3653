import { defineTable } from '@heliograph/storage/table';

/**
 * All that a command reads and changes of a box besides messages. One partition, so that a head and the dialogs as of that head
 * are written in one atomic batch, and a reader never meets a dialog that is ahead of its head.
 *
 * Partition: box. Clustering: kind (0 head, 1 dialog, 2 how far the box is indexed for search, 3 how far a
 * broadcast's posts are for searches everywhere), id (0, peer, 0). The dialog row of peer 0 holds what
 * belongs to no peer: a user's defaults and filters, or the group itself.
 * Columns: v = Head, DialogRecord, or a 32-bit pts.
 * Rows: 1 + dialogs of the box, about 120 bytes each; a person's box has 10 … 10^4, a bot's up to 10^5 (12 MB).
 * TTL: none. Writer: the box engine, behind the rows of box_log, version = head.applied, dialog.version, or that pts. Reader: the box engine.
 */
export const boxState = defineTable({
  name: 'box_state',
  keyspace: 'dc',
  partition: { box: 'int' },
  clustering: { kind: 'int', id: 'int' },
  columns: { v: 'bytes' },
  writes: 'versioned',
});

/** Values of `kind`. Stored for ever. */
export const STATE_HEAD = 0;
export const STATE_DIALOG = 1;
export const STATE_INDEX = 2;
export const STATE_POSTS = 3;
