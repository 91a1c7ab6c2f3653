import type { ChannelRecord, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { putOperation, type Storage, type WriteOperation } from '@heliograph/storage/storage';
import { boxState, STATE_POSTS } from '../tables/box-state';
import { postSlotOf, POSTS_KEPT_SECONDS, postWord, weekOf } from '../tables/post-word';
import { INDEX_BATCH_ROWS } from './limits';
import { LATEST_VERSION } from './row-reader';
import { encodeIndexed } from './rows';
import { readStretch } from './search-index';

/** Whether a channel's posts are found by searches everywhere: everybody may read them. */
export function isSearchedEverywhere(record: Pick<ChannelRecord, 'broadcast' | 'username' | 'destroyed'> | undefined): boolean {
  return record !== undefined && record.broadcast && record.username !== '' && !record.destroyed;
}

/**
 * Indexes what was posted and edited in a broadcast with after < pts ≤ upTo, whose rows must be durable, and writes how far it is indexed. Repeating it writes the same rows.
 * `now`: unix seconds; what is too old to be found is left out.
 */
export async function indexPosts(
  storage: Storage, box: number, after: number, upTo: number, tokensOf: (posts: readonly MessageRecord[]) => Promise<bigint[][]>, { versionBase, now }: { versionBase: bigint; now: number },
): Promise<void> {
  const changed = await readStretch(storage, { box, topId: upTo, version: LATEST_VERSION }, after, upTo);
  const posts = changed.filter(({ date, content }) => content !== undefined && !content.service && date > now - POSTS_KEPT_SECONDS);
  const tokens = posts.length === 0 ? [] : await tokensOf(posts);
  const version = versionBase + BigInt(upTo);
  const operations: WriteOperation[] = posts.flatMap(({ id, date }, index) => (tokens[index] ?? []).map((token) => (
    putOperation(postWord, { token, week: weekOf(date), slot: postSlotOf(box), date, box, id, pts: upTo }, { version })
  )));
  for (let at = 0; at < operations.length; at += INDEX_BATCH_ROWS) await storage.batch(operations.slice(at, at + INDEX_BATCH_ROWS));
  await storage.put(boxState, { box, kind: STATE_POSTS, id: 0, v: encodeIndexed(upTo) }, { version });
}
