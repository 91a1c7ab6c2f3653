import { defineTable } from '@heliograph/storage/table';

/**
 * Signs of life of the engine's replicas. A row belongs to one life of a process, so that no clock decides which of two is newer.
 *
 * Partition: service (always `message-store`). Clustering: replica (its number), life (random, of one process).
 * Columns: beat = rises about once a second; replicas = how many there are meant to be, as that process was told;
 *   state = `serving` (takes what is its own) or `leaving` (gives away what it holds).
 * Rows: one per process that ran within the TTL, about 60 bytes each.
 * TTL: REPLICA_ROW_SECONDS. Writer: the process itself, version = beat. Reader: every replica, once a second.
 */
export const boxReplicas = defineTable({
  name: 'box_replicas',
  keyspace: 'dc',
  partition: { service: 'text' },
  clustering: { replica: 'int', life: 'text' },
  columns: { beat: 'int', replicas: 'int', state: 'text' },
  ttlSeconds: 120,
  writes: 'versioned',
});
