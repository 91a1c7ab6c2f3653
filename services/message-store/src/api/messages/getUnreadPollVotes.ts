import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { noMessages } from '../../messages/answer';
import { openMessages, pageOf } from '../../messages/chat-messages';
import { unseenMessages } from '../../messages/unseen-messages';

/** The caller's polls with votes that were not seen (docs: core.telegram.org/method/messages.getUnreadPollVotes). */
export const getUnreadPollVotes: Method<Deps, 'messages.getUnreadPollVotes'> = async (deps, caller, request) => {
  const chat = await openMessages(deps, caller, request.peer);
  if (request.top_msg_id !== undefined) return noMessages();
  return pageOf(chat, await unseenMessages(chat.reader, (await deps.engine.read(caller.userId)).dialog(chat.peer)?.unreadVotes), request);
};
