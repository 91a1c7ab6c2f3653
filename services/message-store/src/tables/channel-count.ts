import { defineTable } from '@heliograph/storage/table';

/**
 * How many have seen a broadcast's post, and how often it was forwarded.
 *
 * Partition: (channel, bucket), bucket = id div POSTS_PER_BUCKET: posts that are read together lie together.
 * Clustering: id of the post.
 * Columns: viewers = who has seen it (domain/viewers.ts); views = how many that are, as it was told; forwards.
 * Rows: one for each post that was ever asked for with a view or a forward; 6 bytes a viewer up to 1,000 of them, 4 KB from there on. Overwritten at most once in
 *   COUNTS_FLUSH_MS while it changes.
 * TTL: none. Writer and reader: the owner of the channel's box (ChannelCounts). A crash loses what was counted since the last write; a former owner that is
 *   not stopped yet may put back what it knew, which the next view of each of them counts again.
 */
export const channelCount = defineTable({
  name: 'channel_count',
  keyspace: 'dc',
  partition: { channel: 'int', bucket: 'int' },
  clustering: { id: 'int' },
  columns: { viewers: 'bytes', views: 'int', forwards: 'int' },
  writes: 'plain',
});
