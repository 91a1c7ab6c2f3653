import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { messagesPage, noMessages } from '../../messages/answer';
import { pageLimit, readPage, sourceOf } from '../../messages/page';
import { namedPeer } from '../../messages/peer';
import { readUnreadMentions } from '../../messages/unread-mentions';
import { messageViews } from '../../messages/views';

/** Messages of a group that mention the caller, or answer one of theirs, and were not seen yet (docs: core.telegram.org/method/messages.getUnreadMentions). */
export const getUnreadMentions: Method<Deps, 'messages.getUnreadMentions'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  if (request.top_msg_id !== undefined) return noMessages();
  const reader = await deps.engine.read(caller.userId);
  const mentions = await readUnreadMentions(reader, peer);
  const records = await readPage(sourceOf(mentions), request);
  const whole = records.length >= mentions.length && pageLimit(request.limit) > 0;
  return messagesPage(await messageViews(deps, reader, caller.userId, records), mentions.length, whole);
};
