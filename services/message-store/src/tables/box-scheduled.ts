import { defineTable } from '@heliograph/storage/table';

/**
 * Messages that wait to be sent. Which of them there are says the dialog (DialogRecord.scheduled), in the box's atomic state.
 *
 * Partition: box. Clustering: peer, id (in the chat's own sequence).
 * Columns: v = ScheduledMessage.
 * Rows: at most 100 a chat (SCHEDULED_MESSAGES_MAX), about 350 bytes each; removed when it is sent or given up.
 * TTL: none. Writer: the box engine, version = the command's. Readers: the box engine (lists, the sweeper).
 */
export const boxScheduled = defineTable({
  name: 'box_scheduled',
  keyspace: 'dc',
  partition: { box: 'int' },
  clustering: { peer: 'int', id: 'int' },
  columns: { v: 'bytes' },
  writes: 'versioned',
});
