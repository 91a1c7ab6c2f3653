import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { refuseParent, userPeer } from '../../messages/peer';
import { savedDialogs } from '../../messages/saved-dialogs';

/** The parts of Saved Messages (docs: core.telegram.org/method/messages.getSavedDialogs). NOTSPEC: there is one, which holds all. */
export const getSavedDialogs: Method<Deps, 'messages.getSavedDialogs'> = async (deps, caller, request) => {
  refuseParent(request.parent_peer);
  if (request.offset_peer._ !== 'inputPeerEmpty') userPeer(deps, caller, request.offset_peer);
  const beyondFirst = request.offset_id !== 0 || request.offset_date !== 0;
  return savedDialogs(deps, caller.userId, !beyondFirst && request.limit > 0);
};
