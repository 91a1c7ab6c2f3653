import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { noMessages } from '../../messages/answer';
import { isEmptyPart, namedPeer } from '../../messages/peer';

/** Reactions are not built: there are none unread (docs: core.telegram.org/method/messages.getUnreadReactions). */
export const getUnreadReactions: Method<Deps, 'messages.getUnreadReactions'> = async (deps, caller, request) => {
  await namedPeer(deps, caller, request.peer);
  isEmptyPart(deps, caller, request.saved_peer_id);
  return noMessages();
};
