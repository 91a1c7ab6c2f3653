import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { messagesById } from '../../messages/messages-by-id';
import { messageViews } from '../../messages/views';

/** Messages of private chats and basic groups by id (docs: core.telegram.org/method/messages.getMessages). */
export const getMessages: Method<Deps, 'messages.getMessages'> = async (deps, caller, request) => {
  const reader = await deps.engine.read(caller.userId);
  const messages = await messagesById({ reader, peer: 0, views: (records) => messageViews(deps, reader, caller.userId, records) }, request.id);
  return { _: 'messages.messages', messages, topics: [], chats: [], users: [] };
};
