import { defineTable } from '@heliograph/storage/table';

/**
 * Where users live whose home is not the DC that their id names, and who is on the way, in all DCs.
 * Partition: a bucket (user mod HOME_BUCKETS after the DC). Clustering: the user. At most HOMES_MAX rows in all, of about 60 bytes. No TTL: a user who
 * moves back to the DC of their id keeps it, for some of what they wrote is sealed under keys of other DCs.
 * Columns: dc = where they live; moving_to = where they are on the way to; moving_from = what is still to be erased there; moved_at = Unix seconds.
 * Writers: the move of a user (conditional: of two one wins). Readers: every replica of users, whole, now and then.
 */
export const homes = defineTable({
  name: 'homes',
  keyspace: 'directory',
  partition: { bucket: 'int' },
  clustering: { user_id: 'int' },
  columns: { dc: 'int', moving_to: 'int', moving_from: 'int', moved_at: 'int' },
  writes: 'conditional',
});
