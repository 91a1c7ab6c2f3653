import { isChannelBox } from '@heliograph/box/box-id';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { noMessages } from '../../messages/answer';
import { isEmptyPart, namedPeer } from '../../messages/peer';
import { unreadMessages } from '../../messages/unread-reactions';

/** The caller's messages with reactions that were not seen (docs: core.telegram.org/method/messages.getUnreadReactions). */
export const getUnreadReactions: Method<Deps, 'messages.getUnreadReactions'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  isEmptyPart(deps, caller, request.saved_peer_id);
  // Of a channel's they are not counted.
  if (request.top_msg_id !== undefined || isChannelBox(peer)) return noMessages();
  const reader = await deps.engine.read(caller.userId);
  return unreadMessages(deps, caller, reader, reader.dialog(peer)?.unreadReactions, request);
};
