import { isOutgoingTo } from '@heliograph/box/channel-sight';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { PAGE_ROWS_MAX } from '../../limits';
import { openThread } from '../../messages/thread';

/**
 * The first message of a supergroup's thread, and how far the caller has read it (docs: core.telegram.org/method/messages.getDiscussionMessage).
 * NOTSPEC: threads have no read marks of their own: what is unread in one is what is above the group's; at most PAGE_ROWS_MAX are counted.
 */
export const getDiscussionMessage: Method<Deps, 'messages.getDiscussionMessage'> = async (deps, caller, request) => {
  const { chat, first, answers } = await openThread(deps, caller, request.peer, request.msg_id);
  const read = (await deps.engine.read(caller.userId)).dialog(chat.peer)?.readInboxMaxId ?? 0;
  const unread = first.lastReplyId > read ? await answers.source({ maxId: 0, minId: read, limit: PAGE_ROWS_MAX }) : [];
  return {
    _: 'messages.discussionMessage', messages: await chat.views([first]), max_id: first.lastReplyId || undefined, read_inbox_max_id: read || undefined,
    unread_count: unread.filter((record) => !isOutgoingTo(caller.userId, record)).length, chats: [], users: [],
  };
};
