import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { openMessages, pageOf } from '../../messages/chat-messages';
import { readChannelMentions, readUnreadMentions } from '../../messages/unread-mentions';

/** Messages of a group that mention the caller, or answer one of theirs, and were not seen yet (docs: core.telegram.org/method/messages.getUnreadMentions). */
export const getUnreadMentions: Method<Deps, 'messages.getUnreadMentions'> = async (deps, caller, request) => {
  const chat = await openMessages(deps, caller, request.peer);
  const reader = await deps.engine.read(caller.userId);
  const all = chat.channel ? await readChannelMentions(chat.channel, reader) : await readUnreadMentions(reader, chat.peer);
  const mentions = request.top_msg_id === undefined ? all : all.filter(({ threadId }) => threadId === request.top_msg_id);
  return pageOf(chat, mentions, request);
};
