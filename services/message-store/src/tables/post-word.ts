import { defineTable } from '@heliograph/storage/table';

/**
 * Posts of public broadcasts by what they can be found by anywhere: their hashtags and cashtags, and their words (docs/adr/0017-searching-public-posts.md).
 *
 * Partition: (token, week, slot): keyed hash of the tag or word (POST_SECRET, of this DC), week of the post (unix seconds div POSTS_WEEK_SECONDS), slot = channel's
 *   number without its DC, mod POST_SLOTS. Clustering: date of the post (unix seconds), box of the channel, id; newest first.
 * Columns: pts = the channel's, up to where it was indexed with this row.
 * Rows: one for each of a post's tags and words, at most POST_TAGS_MAX + POST_WORDS_MAX (48) a post, 50 bytes each. A tag of a million posts a week has 250,000 rows (12 MB) a
 *   partition; most have one or two. A row is a hint: who reads asks the channel, and drops posts that were deleted or say something else since, and channels without a name.
 * TTL: 26 weeks from the time of writing, which is seconds after the post. Writer: the box engine's indexer, behind the head of the channel's box, version = that pts;
 *   the same rows whoever writes them. Reader: PostSearchService, at any replica.
 */
export const postWord = defineTable({
  name: 'post_word',
  keyspace: 'dc',
  partition: { token: 'long', week: 'int', slot: 'int' },
  clustering: { date: { type: 'int', order: 'desc' }, box: { type: 'int', order: 'desc' }, id: { type: 'int', order: 'desc' } },
  columns: { pts: 'int' },
  ttlSeconds: 15_724_800,
  writes: 'versioned',
});

/** Ids of channels end in their DC. */
const DC_COUNT = 32;
/** Stored for ever. */
export const POSTS_WEEK_SECONDS = 604_800;
export const POST_SLOTS = 4;
export const POSTS_KEPT_SECONDS = 15_724_800;
export const weekOf = (date: number): number => Math.floor(date / POSTS_WEEK_SECONDS);
export const postSlotOf = (box: number): number => Math.floor(-box / DC_COUNT) % POST_SLOTS;
