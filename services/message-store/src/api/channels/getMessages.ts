import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { channelMessages } from '../../messages/chat-messages';
import { messagesById } from '../../messages/messages-by-id';
import { openForMessages } from '../../messages/named-channel';

/** Messages of a channel by id (docs: core.telegram.org/method/channels.getMessages). */
export const getMessages: Method<Deps, 'channels.getMessages'> = async (deps, caller, request) => {
  const channel = await openForMessages(deps, caller, request.channel);
  const messages = await messagesById(channelMessages(deps, caller, channel), request.id);
  return { _: 'messages.channelMessages', pts: channel.pts, count: messages.length, messages, topics: [], chats: [], users: [] };
};
