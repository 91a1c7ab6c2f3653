import { channelBox } from '@heliograph/box/box-id';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import { badRequest, floodWait, RpcError } from '@heliograph/client-api/rpc-error';
import type { TypeInputPeer } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import type { PostPlace } from '../../domain/post-place';
import { askedTag, tagsOf } from '../../domain/post-words';
import { parseQuery } from '../../domain/search-query';
import { POST_QUERY_WORDS_MAX } from '../../limits';
import { noMessages } from '../../messages/answer';
import { pageLimit } from '../../messages/page';
import { searchedText, searchesLeft, type SearchesLeft } from '../../messages/post-searches';
import { searchPublicPosts, type PostQuery } from '../../messages/search-posts';

/**
 * Posts of public broadcasts by a hashtag or by their words, whether or not the caller is in them, the newest first (docs: core.telegram.org/method/channels.searchPosts). A further page
 * begins after the last message of the one before, which its date (offset_rate), channel and id name. By words it takes one of the day's searches.
 * NOTSPEC: everybody may search by words, where Telegram asks for Premium; there are no Stars, so that nobody pays for more searches (BALANCE_TOO_LOW).
 * Throws SEARCH_QUERY_EMPTY, HASHTAG_INVALID, OFFSET_PEER_ID_INVALID, FLOOD_WAIT until the next day.
 */
export const searchPosts: Method<Deps, 'channels.searchPosts'> = async (deps, caller, request) => {
  const { hashtag, query } = request;
  if ((hashtag === undefined) === (query === undefined)) throw badRequest('SEARCH_QUERY_EMPTY');
  const offset = offsetOf(deps, caller, request);
  const asked = hashtag === undefined ? byWords(query ?? '') : byTag(hashtag);
  const limit = pageLimit(request.limit);
  if (limit === 0) return noMessages();
  const left = query === undefined ? undefined : await takeSearch(deps, caller, query, request.allow_paid_stars);
  const { messages, more, whole } = await searchPublicPosts(deps, caller, asked, offset, limit);
  if (more === undefined && offset === undefined && left === undefined) return { ...noMessages(), messages };
  return {
    _: 'messages.messagesSlice', count: messages.length + (more === undefined ? 0 : 1), inexact: more !== undefined || offset !== undefined || !whole || undefined, next_rate: more,
    search_flood: left && searchesLeft(left), messages, topics: [], chats: [], users: [],
  };
};

function byTag(hashtag: string): PostQuery {
  const tag = askedTag(hashtag.trim());
  if (tag === undefined) throw badRequest('HASHTAG_INVALID');
  return { words: [tag], matches: (content) => tagsOf(content).includes(tag) };
}

function byWords(text: string): PostQuery {
  const query = parseQuery(text);
  // The longest words are the rarest.
  const words = [...query.words].sort((a, b) => b.length - a.length).slice(0, POST_QUERY_WORDS_MAX);
  if (words.length === 0) throw badRequest('SEARCH_QUERY_EMPTY');
  return { words, matches: ({ message }) => query.matches(message) };
}

/** One of the day's searches, unless this text has had one. */
async function takeSearch(deps: Pick<Deps, 'postSearches'>, caller: CallerContext, query: string, stars: bigint | undefined): Promise<SearchesLeft> {
  const left = await deps.postSearches.take(caller.userId, caller.date, searchedText(query));
  if (left !== undefined) return left;
  if (stars) throw badRequest('BALANCE_TOO_LOW');
  throw floodWait((await deps.postSearches.look(caller.userId, caller.date)).nextDay - caller.date);
}

/** Where a page begins: after the named post, or with all of a second where none is named. */
function offsetOf(deps: Pick<Deps, 'peers'>, caller: CallerContext, { offset_rate: date, offset_peer: peer, offset_id: id }: { offset_rate: number; offset_peer: TypeInputPeer; offset_id: number }): PostPlace | undefined {
  const box = peer._ === 'inputPeerEmpty' ? 0 : boxOf(deps, caller, peer);
  if (date <= 0) return undefined;
  return box === 0 || id <= 0 ? { date, box: 0, id: 0 } : { date, box, id };
}

function boxOf(deps: Pick<Deps, 'peers'>, caller: CallerContext, input: TypeInputPeer): number {
  try {
    const { kind, id } = deps.peers.peer(caller.userId, input);
    if (kind === 'channel') return channelBox(id);
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
  }
  throw badRequest('OFFSET_PEER_ID_INVALID');
}
