import { defineTable } from '@heliograph/storage/table';
import { AUDIT_DAYS } from '../limits';

/**
 * What the agents did with keys, one row per interval in which they did anything, chained by hashes (domain/audit-chain.ts).
 * Partition: the UTC day (Unix days), up to 8,640 rows per agent of about 250 bytes; clustering: the row's number in the chain.
 * `digest` commits to every operation and scope of the interval; the counts say how many of each. TTL 90 days.
 * Writers: the audit log (insertIfAbsent: agents extend one chain). Readers: the audit log, auditors.
 */
export const keyAudit = defineTable({
  name: 'key_audit',
  keyspace: 'dc',
  partition: { day: 'int' },
  clustering: { number: 'int' },
  columns: { at: 'int', counts: 'text', digest: 'bytes', previous: 'bytes', hash: 'bytes' },
  ttlSeconds: AUDIT_DAYS * 24 * 3600,
  writes: 'conditional',
});
