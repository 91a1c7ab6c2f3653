import { defineTable } from '@heliograph/storage/table';

/**
 * Postings of the blind index: which messages of a box carry a token.
 *
 * Partition: (box, token, chunk), chunk = id div POSTING_CHUNK_IDS. Clustering: part = first id of the indexed stretch.
 * Columns: ids = rising message ids and their dialogs, delta-coded (engine/search-index.ts).
 * Rows: at most POSTING_CHUNK_IDS / INDEX_STRETCH_IDS a partition (16), at most 4 KB each. A posting is a hint: a reader reads the
 *   message and drops what was deleted or edited since.
 * TTL: none. Writer: the box engine's indexer, behind the head, idempotent (a stretch yields the same key whoever writes it).
 * Reader: the box engine (search).
 */
export const boxWord = defineTable({
  name: 'box_word',
  keyspace: 'dc',
  partition: { box: 'int', token: 'long', chunk: 'int' },
  clustering: { part: 'int' },
  columns: { ids: 'bytes' },
  writes: 'versioned',
});
