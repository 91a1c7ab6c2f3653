import { classesOfFilter } from '@heliograph/box/media-class';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { isUnfindable, parseQuery } from '../../domain/search-query';
import { messagesPage, noMessages } from '../../messages/answer';
import { pageLimit, readPage } from '../../messages/page';
import { isEmptyPart, namedPeer, userPeer } from '../../messages/peer';
import { PinnedSearch } from '../../messages/pinned-search';
import { DialogSearch, type SearchConditions } from '../../messages/search';
import { searchEverywhere } from '../../messages/search-everywhere';
import { messageViews } from '../../messages/views';

/**
 * Messages of a chat by words, sender, kind of media and date; an empty query with a filter lists all of that kind. Without a peer
 * it looks into all chats (docs: core.telegram.org/method/messages.search). Words are found whole. `hash` is ignored.
 */
export const search: Method<Deps, 'messages.search'> = async (deps, caller, request) => {
  const from = request.from_id && request.from_id._ !== 'inputPeerEmpty' ? userPeer(deps, caller, request.from_id) : 0;
  const everywhere = request.peer._ === 'inputPeerEmpty';
  const peer = everywhere ? 0 : await namedPeer(deps, caller, request.peer);
  const emptyPart = isEmptyPart(deps, caller, request.saved_peer_id);
  if (emptyPart || request.top_msg_id !== undefined || request.saved_reaction?.length || isUnfindable(request.q)) return noMessages();
  const classes = classesOfFilter(request.filter);
  const query = parseQuery(request.q);
  const mentioned = request.filter._ === 'inputMessagesFilterMyMentions';
  const conditions: SearchConditions = { query, classes: classes ?? 0, from, mentioned, minDate: Math.max(request.min_date, 0), maxDate: Math.max(request.max_date, 0) };
  const reader = await deps.engine.read(caller.userId);
  if (everywhere) {
    if (classes === undefined && !mentioned) return noMessages();
    if (query.words.length === 0 && conditions.classes === 0 && from === 0 && !mentioned) throw badRequest('SEARCH_QUERY_EMPTY');
    return searchEverywhere(deps, reader, caller.userId, conditions, { maxId: request.offset_id > 0 ? request.offset_id : request.max_id, minId: request.min_id, limit: pageLimit(request.limit) });
  }
  // Groups have no photos yet.
  if (classes === undefined && !mentioned && request.filter._ !== 'inputMessagesFilterPinned') return noMessages();
  const found = request.filter._ === 'inputMessagesFilterPinned' ? new PinnedSearch(deps, reader, caller.userId, peer, conditions) : new DialogSearch(deps, reader, caller.userId, peer, conditions);
  const records = await readPage(found.source, request);
  const { count, exact } = await found.count();
  const whole = exact && records.length >= count && pageLimit(request.limit) > 0;
  const page = messagesPage(await messageViews(deps, reader, caller.userId, records), count, whole);
  return exact || page._ === 'messages.messages' ? page : { ...page, inexact: true };
};
