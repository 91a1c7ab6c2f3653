import { haveMoved } from '@heliograph/client-api/have-moved';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { MessagesMessages, MessagesMessagesSlice } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { BoxReader } from '../engine/contract';
import { SEARCH_DIALOGS_MAX } from '../limits';
import { walkDialogs } from './dialogs';
import { DialogSearch, type SearchConditions } from './search';
import { messageViews } from './views';

/** Which chats are looked into. */
export interface SearchScope {
  folder?: number;
  accepts?(peer: number): boolean;
}

/**
 * A page of the messages of all chats (of the scope) that meet the conditions, newest first. Every dialog has its own key, so each is looked up by
 * itself: SEARCH_DIALOGS_MAX of them, those with the newest messages.
 */
export async function searchEverywhere(
  deps: Pick<Deps, 'dc' | 'dcs' | 'homes' | 'keyring'>, reader: BoxReader, box: number, conditions: SearchConditions, page: { maxId: number; minId: number; limit: number }, { folder, accepts = () => true }: SearchScope = {},
): Promise<MessagesMessages | MessagesMessagesSlice> {
  // One more than asked tells whether there are more.
  const wanted = page.limit + 1;
  let found: MessageRecord[] = [];
  const dialogs = walkDialogs(reader, SEARCH_DIALOGS_MAX, folder).filter(({ peer }) => accepts(Number(peer)));
  const moved = await whoMoved(deps, [box, ...dialogs.map(({ peer }) => Number(peer))]);
  for (const dialog of dialogs) {
    const oldest = found.length >= wanted ? (found.at(-1)?.id ?? 0) : 0;
    if (dialog.topId <= Math.max(oldest, page.minId)) continue;
    const more = await new DialogSearch(deps, reader, box, Number(dialog.peer), conditions, moved.has(box) || moved.has(Number(dialog.peer))).source({ maxId: page.maxId, minId: Math.max(page.minId, oldest), limit: wanted });
    if (more.length > 0) found = [...found, ...more].sort((a, b) => b.id - a.id).slice(0, wanted);
  }
  const hasMore = found.length > page.limit;
  const records = found.slice(0, page.limit);
  const messages = await messageViews(deps, reader, box, records);
  const last = records.at(-1);
  if (!hasMore) return page.maxId > 0 ? slice(messages, messages.length) : { _: 'messages.messages', messages, topics: [], chats: [], users: [] };
  return { ...slice(messages, found.length), inexact: true, next_rate: last?.date };
}

/** Which of the peers live, or have lived, elsewhere than where their ids say. Groups don't move. */
async function whoMoved({ dcs, homes }: Pick<Deps, 'dcs' | 'homes'>, peers: readonly number[]): Promise<Set<number>> {
  if (dcs.length === 1) return new Set();
  const users = peers.filter((peer) => peer > 0);
  const moved = await haveMoved(homes, users);
  return new Set(users.filter((_, index) => moved[index]));
}

function slice(messages: MessagesMessagesSlice['messages'], count: number): MessagesMessagesSlice {
  return { _: 'messages.messagesSlice', count, messages, topics: [], chats: [], users: [] };
}
