import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { refuseParent, userPeer } from '../../messages/peer';
import { savedDialogs } from '../../messages/saved-dialogs';

/** Parts of Saved Messages by peer; only the caller's own exists (docs: core.telegram.org/method/messages.getSavedDialogsByID). */
export const getSavedDialogsByID: Method<Deps, 'messages.getSavedDialogsByID'> = async (deps, caller, request) => {
  refuseParent(request.parent_peer);
  const own = request.ids.map((input) => userPeer(deps, caller, input)).includes(caller.userId);
  return savedDialogs(deps, caller.userId, own);
};
