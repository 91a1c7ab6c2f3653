import { isOutgoingTo } from '@heliograph/box/channel-sight';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { PAGE_ROWS_MAX } from '../../limits';
import { openThread, threadMarks } from '../../messages/thread';

/**
 * The first message of a supergroup's thread, or of the comments on a broadcast's post: its copy in the discussion group; and how far the caller has read there
 * (docs: core.telegram.org/method/messages.getDiscussionMessage). At most PAGE_ROWS_MAX unread ones are counted.
 */
export const getDiscussionMessage: Method<Deps, 'messages.getDiscussionMessage'> = async (deps, caller, request) => {
  const thread = await openThread(deps, caller, request.peer, request.msg_id);
  const { chat, first, answers } = thread;
  const { inbox, outbox } = await threadMarks(deps, caller, thread);
  const unread = first.lastReplyId > inbox ? await answers.source({ maxId: 0, minId: inbox, limit: PAGE_ROWS_MAX }) : [];
  return {
    _: 'messages.discussionMessage', messages: await chat.views([first]), max_id: first.lastReplyId || undefined, read_inbox_max_id: inbox || undefined, read_outbox_max_id: outbox || undefined,
    unread_count: unread.filter((record) => !isOutgoingTo(caller.userId, record)).length, chats: [], users: [],
  };
};
