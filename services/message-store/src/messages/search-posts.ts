import { mayRead } from '@heliograph/box/channel-rights';
import type { CallerContext } from '@heliograph/client-api/method';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { PostSearchService } from '@heliograph/protos/heliograph/messagestore/v1/post_search_pb';
import { isCallError } from '@heliograph/service-kit/call-error';
import type { Client } from '@heliograph/service-kit/kit';
import type { MessageContent } from '@heliograph/box/content';
import type { TypeMessage } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { byPlace, type PostPlace } from '../domain/post-place';
import { isSearchedEverywhere } from '../engine/post-index';
import { POSTS_SEARCH_ROUNDS } from '../limits';
import { channelMessageViews } from './channel-views';
import type { ChannelReader } from './channels';
import { openAll } from './views';

/** The indexes of public posts, asked at the message stores of all DCs. */
export class PublicPosts {
  /** `indexes`: the message stores by DC. */
  constructor(private readonly indexes: ReadonlyMap<number, Pick<Client<typeof PostSearchService>, 'listPosts'>>) {}

  /**
   * Where posts with all of the words may be, in order, at least `limit` unless there are no more (`looked` is absent then) or many had to be looked at. A DC that is
   * out of reach is left out: `whole` is false then.
   */
  async list(words: readonly string[], before: PostPlace | undefined, limit: number): Promise<{ places: PostPlace[]; looked: PostPlace | undefined; whole: boolean }> {
    const asked = before && { date: before.date, channel: BigInt(before.box), id: before.id };
    let whole = true;
    const answers = await Promise.all([...this.indexes.values()].map(async (index) => {
      try {
        return await index.listPosts({ words: [...words], before: asked, limit });
      } catch (error) {
        if (!isCallError(error, 'UNAVAILABLE') && !isCallError(error, 'DEADLINE_EXCEEDED') && !isCallError(error, 'UNIMPLEMENTED')) throw error;
        whole = false;
        return undefined;
      }
    }));
    const ends = answers.flatMap((answer) => (answer?.looked ? [placeOf(answer.looked)] : [])).sort(byPlace);
    const [looked] = ends;
    const places = answers.flatMap((answer) => answer?.posts.map(placeOf) ?? []).filter((place) => looked === undefined || byPlace(place, looked) <= 0).sort(byPlace);
    return { places, looked, whole };
  }
}

const placeOf = ({ date, channel, id }: { date: number; channel: bigint; id: number }): PostPlace => ({ date, box: Number(channel), id });

/** What is searched for. */
export interface PostQuery {
  /** All of which the index must have, the longest first; 1 to 8. */
  readonly words: readonly string[];
  /** Whether a post has what is asked, as it is now. */
  matches(content: MessageContent): boolean;
}

interface Shown {
  readonly place: PostPlace;
  readonly record: MessageRecord;
  readonly channel: ChannelReader;
}

/**
 * A page of posts of public broadcasts, those of all DCs, the newest first: alive, as they are now, in channels that have a public name and have not banned the caller.
 * `more`: where the next page begins, if there may be one; of a page without messages that is the second that was looked at last.
 */
export async function searchPublicPosts(
  deps: Pick<Deps, 'channels' | 'comments' | 'engine' | 'keyring' | 'postCounts' | 'publicPosts'>, caller: CallerContext, query: PostQuery, before: PostPlace | undefined, limit: number,
): Promise<{ messages: TypeMessage[]; more: number | undefined; whole: boolean }> {
  const shown: Shown[] = [];
  let below = before;
  let whole = true;
  let ended = false;
  for (let round = 0; round < POSTS_SEARCH_ROUNDS && shown.length <= limit && !ended; round += 1) {
    // One more than asked tells whether there are more.
    const page = await deps.publicPosts.list(query.words, below, limit + 1 - shown.length);
    whole &&= page.whole;
    shown.push(...(await visible(deps, caller, query, page.places)));
    ended = page.looked === undefined;
    below = page.looked ?? below;
  }
  const told = shown.slice(0, limit);
  const views = new Map<MessageRecord, TypeMessage>();
  await Promise.all([...new Set(told.map(({ channel }) => channel))].map(async (channel) => {
    const records = told.filter((each) => each.channel === channel).map(({ record }) => record);
    (await channelMessageViews(deps, caller, channel, records)).forEach((view, index) => views.set(records[index] as MessageRecord, view));
  }));
  const last = told.at(-1);
  const more = shown.length > limit || !ended ? last?.place.date ?? below?.date : undefined;
  return { messages: told.map(({ record }) => views.get(record) as TypeMessage), more, whole };
}

/** Those of the places where there is such a post, in their order. */
async function visible(deps: Pick<Deps, 'channels' | 'keyring'>, caller: CallerContext, query: PostQuery, places: readonly PostPlace[]): Promise<Shown[]> {
  const boxes = [...new Set(places.map(({ box }) => box))];
  const states = (await deps.channels.find(caller.userId, boxes)).filter(({ record, member }) => record && isSearchedEverywhere(record) && mayRead(record, member, caller.date));
  const found = new Map<PostPlace, Shown>();
  await Promise.all(states.map(async (state) => {
    const channel = deps.channels.reader(caller.userId, state);
    if (channel === undefined) return;
    const own = places.filter(({ box }) => box === channel.box);
    const records = await channel.messages(own.map(({ id }) => id));
    const alive = own.flatMap((place, index) => {
      const record = records[index];
      return record?.content && record.deletedVersion === 0n ? [{ place, record, channel }] : [];
    });
    const opened = await openAll(deps, channel.box, alive.map(({ record }) => record));
    alive.forEach((each, index) => {
      if (query.matches((opened[index] as { content: MessageContent }).content)) found.set(each.place, each);
    });
  }));
  return places.flatMap((place) => found.get(place) ?? []);
}
