import { classesOfFilter } from '@heliograph/box/media-class';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { isUnfindable, parseQuery } from '../../domain/search-query';
import { noMessages } from '../../messages/answer';
import { openPart } from '../../messages/chat-messages';
import { pageLimit, readPage } from '../../messages/page';
import { namedPeer } from '../../messages/peer';
import { PinnedSearch } from '../../messages/pinned-search';
import { DialogSearch, type SearchConditions } from '../../messages/search';
import { searchEverywhere } from '../../messages/search-everywhere';

/**
 * Messages of a chat by words, sender, kind of media and date; an empty query with a filter lists all of that kind. Without a peer
 * it looks into all chats (docs: core.telegram.org/method/messages.search). Words are found whole. `hash` is ignored.
 */
export const search: Method<Deps, 'messages.search'> = async (deps, caller, request) => {
  const from = request.from_id && request.from_id._ !== 'inputPeerEmpty' ? await namedPeer(deps, caller, request.from_id) : 0;
  const everywhere = request.peer._ === 'inputPeerEmpty';
  const chat = everywhere ? undefined : await openPart(deps, caller, request);
  // Private chats and basic groups have no threads.
  if ((!everywhere && chat === undefined) || (request.top_msg_id !== undefined && !chat?.channel) || request.saved_reaction?.length || isUnfindable(request.q)) return noMessages();
  const classes = classesOfFilter(request.filter);
  const query = parseQuery(request.q);
  const mentioned = request.filter._ === 'inputMessagesFilterMyMentions' ? caller.userId : undefined;
  const conditions: SearchConditions = { query, classes: classes ?? 0, from, mentioned, thread: request.top_msg_id, part: chat?.part, minDate: Math.max(request.min_date, 0), maxDate: Math.max(request.max_date, 0) };
  if (chat === undefined) {
    if (classes === undefined && mentioned === undefined) return noMessages();
    if (query.words.length === 0 && conditions.classes === 0 && from === 0 && mentioned === undefined) throw badRequest('SEARCH_QUERY_EMPTY');
    return searchEverywhere(deps, await deps.engine.read(caller.userId), caller.userId, conditions, { maxId: request.offset_id > 0 ? request.offset_id : request.max_id, minId: request.min_id, limit: pageLimit(request.limit) });
  }
  // Groups have no photos yet.
  if (classes === undefined && mentioned === undefined && request.filter._ !== 'inputMessagesFilterPinned') return noMessages();
  const found = request.filter._ === 'inputMessagesFilterPinned' ? new PinnedSearch(deps, chat.reader, chat.box, chat.peer, conditions) : new DialogSearch(deps, chat.reader, chat.box, chat.peer, conditions);
  const records = await readPage(found.source, request);
  const { count, exact } = await found.count();
  const whole = exact && records.length >= count && pageLimit(request.limit) > 0;
  return chat.page(records, count, whole, exact);
};
