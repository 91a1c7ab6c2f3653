import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Keyring } from '@heliograph/crypto/keyring';
import type { ListPostsRequest, ListPostsResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/post_search_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Clock } from '@heliograph/service-kit/kit';
import type { Storage } from '@heliograph/storage/storage';
import { byPlace, type PostPlace } from '../domain/post-place';
import { POST_PLACES_MAX, POST_QUERY_WORDS_MAX, POSTS_LOOKED_MAX, POSTS_READ_ROWS } from '../limits';
import { wordTokens } from '../messages/post-tokens';
import { POST_SLOTS, postSlotOf, POSTS_KEPT_SECONDS, postWord, weekOf } from '../tables/post-word';

interface ListDeps {
  readonly storage: Pick<Storage, 'range' | 'getMany'>;
  readonly keyring: Pick<Keyring, 'secret'>;
  readonly clock: Pick<Clock, 'now'>;
}
type Asked = Pick<ListPostsRequest, 'words' | 'before' | 'limit'>;

/** Where this DC's index says that posts with all of the words are, week by week from the newest; it stops when POSTS_LOOKED_MAX rows were looked at. Throws INVALID_ARGUMENT. */
export async function listPosts({ storage, keyring, clock }: ListDeps, { words, before: after, limit }: Asked): Promise<MessageInitShape<typeof ListPostsResponseSchema>> {
  if (words.length === 0 || words.length > POST_QUERY_WORDS_MAX || limit < 1 || limit > POST_PLACES_MAX) throw new CallError('INVALID_ARGUMENT', 'one to eight words, one to 200 posts');
  const now = Math.floor(clock.now() / 1_000);
  const [first = 0n, ...others] = await wordTokens(keyring, words);
  const oldest = weekOf(now - POSTS_KEPT_SECONDS);
  let below: PostPlace | undefined = after && { date: after.date, box: Number(after.channel), id: after.id };
  let looked = 0;
  const found: PostPlace[] = [];
  // A post may be dated by a clock that is a little ahead.
  for (let week = Math.min(weekOf(now + 3_600), below === undefined ? Infinity : weekOf(below.date)); week >= oldest;) {
    const { places, whole } = await readWeek(storage, first, week, below);
    looked += places.length;
    for (const place of await withAll(storage, others, week, places)) {
      found.push(place);
      if (found.length === limit) return { posts: found.map(told), looked: told(place) };
    }
    if (!whole) {
      below = places.at(-1);
      if (looked >= POSTS_LOOKED_MAX) return { posts: found.map(told), looked: below && told(below) };
      continue;
    }
    below = undefined;
    week -= 1;
  }
  return { posts: found.map(told) };
}

/** Rows of one word in a week that come after `below`, in order. Not whole: there are more after the last one, of which there is at least one. */
async function readWeek(storage: ListDeps['storage'], token: bigint, week: number, below: PostPlace | undefined): Promise<{ places: PostPlace[]; whole: boolean }> {
  const from = below === undefined ? {} : { from: below, fromExclusive: true };
  const slots = await Promise.all(Array.from({ length: POST_SLOTS }, (_, slot) => storage.range(postWord, { token, week, slot }, { ...from, limit: POSTS_READ_ROWS })));
  const places = slots.flat().map(({ date, box, id }) => ({ date, box, id })).sort(byPlace);
  const full = slots.filter((rows) => rows.length === POSTS_READ_ROWS);
  if (full.length === 0) return { places, whole: true };
  // Beyond the end of a slot that has more, others' rows would come too early.
  const ends = full.map((rows) => rows.at(-1) as PostPlace).sort(byPlace);
  const [end] = ends as [PostPlace];
  return { places: places.filter((place) => byPlace(place, end) <= 0), whole: false };
}

/** Those of the places that the other words are at too. */
async function withAll(storage: ListDeps['storage'], tokens: readonly bigint[], week: number, places: readonly PostPlace[]): Promise<PostPlace[]> {
  let left = [...places];
  for (const token of tokens) {
    const kept: PostPlace[] = [];
    for (let at = 0; at < left.length; at += POSTS_READ_ROWS) {
      const asked = left.slice(at, at + POSTS_READ_ROWS);
      const rows = await storage.getMany(postWord, asked.map(({ date, box, id }) => ({ token, week, slot: postSlotOf(box), date, box, id })));
      kept.push(...asked.filter((_, index) => rows[index] !== undefined));
    }
    left = kept;
  }
  return left;
}

const told = ({ date, box, id }: PostPlace): { date: number; channel: bigint; id: number } => ({ date, channel: BigInt(box), id });
