import { renderUpdates, updatesOf } from '@heliograph/box/render-update';
import type { CallerContext } from '@heliograph/client-api/method';
import type { MessagesMessages, MessagesMessagesSlice, TypeMessage, TypeUpdate, Updates } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { Outcome } from '../engine/contract';
import { pinnedLookup } from './views';

/** The changes of an outcome as an Updates object for the caller's own session. */
export async function outcomeUpdates(deps: Pick<Deps, 'engine' | 'keyring'>, caller: CallerContext, outcome: Outcome): Promise<Updates> {
  // Only an edited message can be a pinned one.
  const edited = outcome.updates.some((update) => update.change.case === 'edited');
  const isPinned = edited ? pinnedLookup(await deps.engine.read(caller.userId)) : undefined;
  return renderUpdates(deps.keyring, caller.userId, outcome.updates, caller.date, isPinned);
}

export const emptyUpdates = (caller: CallerContext, updates: TypeUpdate[] = []): Updates => updatesOf(updates, caller.date);

/** A page of messages out of `count`; the whole when there is no more. */
export function messagesPage(messages: TypeMessage[], count: number, whole: boolean): MessagesMessages | MessagesMessagesSlice {
  if (whole) return { _: 'messages.messages', messages, topics: [], chats: [], users: [] };
  return { _: 'messages.messagesSlice', count: Math.max(count, messages.length), messages, topics: [], chats: [], users: [] };
}

export const noMessages = (): MessagesMessages => ({ _: 'messages.messages', messages: [], topics: [], chats: [], users: [] });
