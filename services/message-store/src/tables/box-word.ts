import { defineTable } from '@heliograph/storage/table';

/**
 * Postings of the blind index: which messages of a box carry a token.
 *
 * Partition: (box, token, chunk), chunk = stretch div INDEX_CHUNK_STRETCHES. Clustering: part = pts after which the stretch begins.
 * Columns: ids = rising message ids and their dialogs, delta-coded (engine/search-index.ts): messages written or edited in the stretch.
 * Rows: at most INDEX_CHUNK_STRETCHES (16) a partition, at most 10 KB each, mostly under 20 bytes. A posting is a hint: a reader reads the
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
