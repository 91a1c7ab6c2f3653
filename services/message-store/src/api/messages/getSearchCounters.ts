import { classesOfFilter } from '@heliograph/box/media-class';
import type { Method } from '@heliograph/client-api/method';
import type { MessagesSearchCounter } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { parseQuery } from '../../domain/search-query';
import { openPart } from '../../messages/chat-messages';
import { PinnedSearch } from '../../messages/pinned-search';
import { DialogSearch, type SearchCount } from '../../messages/search';

/** How many messages of a chat each filter lets through (docs: core.telegram.org/method/messages.getSearchCounters). */
export const getSearchCounters: Method<Deps, 'messages.getSearchCounters'> = async (deps, caller, request) => {
  const chat = await openPart(deps, caller, request);
  if (!chat) return request.filters.map((filter) => ({ _: 'messages.searchCounter', filter, count: 0 }));
  const { reader, box, peer, part, count } = chat;
  const counters: MessagesSearchCounter[] = [];
  for (const filter of request.filters) {
    const classes = classesOfFilter(filter);
    const conditions = { query: parseQuery(''), classes: classes ?? 0, from: 0, part, minDate: 0, maxDate: 0 };
    if (filter._ === 'inputMessagesFilterPinned') {
      counters.push({ _: 'messages.searchCounter', filter, ...counted(await new PinnedSearch(deps, reader, box, peer, conditions).count()) });
    } else if (classes === undefined) counters.push({ _: 'messages.searchCounter', filter, count: 0 });
    else if (classes === 0) counters.push({ _: 'messages.searchCounter', filter, count: await count() });
    else counters.push({ _: 'messages.searchCounter', filter, ...counted(await new DialogSearch(deps, reader, box, peer, conditions).count()) });
  }
  return counters;
};

const counted = ({ count, exact }: SearchCount): { count: number; inexact?: boolean } => (exact ? { count } : { count, inexact: true });
