import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { messagesPage, noMessages } from '../../messages/answer';
import { pageLimit, readPage, sourceOf } from '../../messages/page';
import { isEmptyPart, namedPeer } from '../../messages/peer';
import { messageViews } from '../../messages/views';

/** The caller's messages with reactions that were not seen (docs: core.telegram.org/method/messages.getUnreadReactions). */
export const getUnreadReactions: Method<Deps, 'messages.getUnreadReactions'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  isEmptyPart(deps, caller, request.saved_peer_id);
  if (request.top_msg_id !== undefined) return noMessages();
  const reader = await deps.engine.read(caller.userId);
  const ids = [...new Set(reader.dialog(peer)?.unreadReactions.map(({ id }) => id))].sort((a, b) => b - a);
  const unread = (await reader.messages(ids)).filter((record) => record !== undefined);
  const records = await readPage(sourceOf(unread), request);
  const whole = records.length >= unread.length && pageLimit(request.limit) > 0;
  return messagesPage(await messageViews(deps, reader, caller.userId, records), unread.length, whole);
};
