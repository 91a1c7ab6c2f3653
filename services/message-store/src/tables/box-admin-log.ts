import { defineTable } from '@heliograph/storage/table';

/**
 * What was done in channels, for their admins (ADR 0013).
 *
 * Partition: (box, span), span = unix seconds of the command div ADMIN_LOG_SPAN_SECONDS.
 * Clustering: id of the event (version of its command · 256 + its place there), newest first.
 * Columns: v = AdminEvent; titles, originals of messages and the like stay sealed as in the box's own rows.
 * Rows: one for each event, 100 bytes to some KB (an edit holds two messages); posts make none. A channel that 10^5 people join in a span has as many rows of 120 bytes.
 * TTL: 48 hours. Writer: the box engine, version = the command's. Reader: ChannelBoxService.ListAdminLog.
 */
export const boxAdminLog = defineTable({
  name: 'box_admin_log',
  keyspace: 'dc',
  partition: { box: 'int', span: 'int' },
  clustering: { id: { type: 'long', order: 'desc' } },
  columns: { v: 'bytes' },
  ttlSeconds: 172_800,
  writes: 'versioned',
});

export const ADMIN_LOG_SPAN_SECONDS = 21_600;
export const ADMIN_LOG_KEPT_SECONDS = 172_800;
export const spanOf = (date: number): number => Math.floor(date / ADMIN_LOG_SPAN_SECONDS);
