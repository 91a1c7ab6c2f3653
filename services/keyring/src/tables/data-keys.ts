import { defineTable } from '@heliograph/storage/table';

/**
 * Data keys and shared secrets, wrapped by this DC's region key.
 * Partition: the scope (`key:<scope>` or `secret:<purpose>`; `check:region-key` tells whether an agent has the right region key); one row, 61 bytes of `wrapped` (AES-256-GCM, associated data is the scope).
 * One row per private chat, per user and per DC-wide scope. No TTL: a key lives until it is deleted.
 * Writers: GetDataKey and GetSecret (insertIfAbsent: of two agents one wins), DeleteDataKey. Readers: GetDataKey, GetSecret.
 */
export const dataKeys = defineTable({
  name: 'data_keys',
  keyspace: 'dc',
  partition: { scope: 'text' },
  clustering: {},
  columns: { version: 'int', wrapped: 'bytes' },
  writes: 'conditional',
});
