import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { noMessages } from '../../messages/answer';
import { openMessages, pageOf } from '../../messages/chat-messages';
import { isOtherPart } from '../../messages/peer';
import { unseenMessages } from '../../messages/unseen-messages';

/** The caller's messages with reactions that were not seen (docs: core.telegram.org/method/messages.getUnreadReactions). Only supergroups have threads. */
export const getUnreadReactions: Method<Deps, 'messages.getUnreadReactions'> = async (deps, caller, request) => {
  const chat = await openMessages(deps, caller, request.peer);
  await isOtherPart(deps, caller, request.saved_peer_id);
  const { top_msg_id: thread } = request;
  if (thread !== undefined && !chat.channel) return noMessages();
  const unseen = await unseenMessages(chat.reader, (await deps.engine.read(caller.userId)).dialog(chat.peer)?.unreadReactions);
  return pageOf(chat, thread === undefined ? unseen : unseen.filter(({ threadId }) => threadId === thread), request);
};
