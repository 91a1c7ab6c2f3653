import { defineTable } from '@heliograph/storage/table';

/**
 * New users of this DC whom another DC still has to be told of, so that those there who have their number learn it.
 * Partition: the other DC. Clustering: the user. A row of about 30 bytes for each sign-up while that DC cannot be reached; none else. No TTL.
 * Writer and reader: the announcement of who joined (src/joined.ts).
 */
export const joinedElsewhere = defineTable({
  name: 'joined_elsewhere',
  keyspace: 'dc',
  partition: { dc: 'int' },
  clustering: { user_id: 'int' },
  columns: { silent: 'bool' },
  writes: 'plain',
});
