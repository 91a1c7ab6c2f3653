import { defineTable } from '@heliograph/storage/table';

/**
 * The texts that somebody searched public posts for on a day: each takes one of the day's searches, once.
 *
 * Partition: (user, day), day = unix seconds div 86,400. Clustering: keyed hash of the text.
 * Columns: at = when it was first searched for, unix seconds.
 * Rows: at most POST_SEARCHES_DAILY_MAX (10), and one for each call that was under way at the same time; 30 bytes each.
 * TTL: two days. Writer and reader: channels.searchPosts, at the owner of the user's box.
 */
export const postQuery = defineTable({
  name: 'post_query',
  keyspace: 'dc',
  partition: { user: 'int', day: 'int' },
  clustering: { query: 'long' },
  columns: { at: 'int' },
  ttlSeconds: 172_800,
  writes: 'plain',
});
