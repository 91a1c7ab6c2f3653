import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { MEDIA_POSITIONS_MAX } from '../../limits';
import { openPart } from '../../messages/chat-messages';
import { MediaList } from '../../messages/media-list';

/**
 * Where messages with media of a kind stand among all of them: some of those below offset_id, evenly apart, for lists that are scrolled fast (docs:
 * core.telegram.org/method/messages.getSearchResultsPositions). Exact up to MEDIA_CHECKED_MESSAGES_MAX messages, else near to it.
 */
export const getSearchResultsPositions: Method<Deps, 'messages.getSearchResultsPositions'> = async (deps, caller, request) => {
  const list = await MediaList.of(deps, await openPart(deps, caller, request), request.filter);
  const limit = Math.min(Math.max(request.limit, 0), MEDIA_POSITIONS_MAX);
  const first = list.indexBelow(request.offset_id);
  const step = Math.max(Math.ceil((list.ids.length - first) / limit), 1);
  const indexes = limit === 0 ? [] : Array.from({ length: Math.ceil((list.ids.length - first) / step) }, (_, each) => first + each * step);
  const found = await list.read(indexes);
  return {
    _: 'messages.searchResultsPositions', count: list.count,
    positions: found.map(({ index, record }) => ({ _: 'searchResultPosition', msg_id: record.id, date: record.date, offset: list.place(index) })),
  };
};
