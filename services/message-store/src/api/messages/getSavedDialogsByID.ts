import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { REQUEST_PEERS_MAX } from '../../limits';
import { namedPeer, refuseParent } from '../../messages/peer';
import { savedDialog, savedDialogViews } from '../../messages/saved-dialogs';

/** Parts of Saved Messages by what they are from, those that there are (docs: core.telegram.org/method/messages.getSavedDialogsByID). Throws LIMIT_INVALID, PARENT_PEER_INVALID, and as `namedPeer`. */
export const getSavedDialogsByID: Method<Deps, 'messages.getSavedDialogsByID'> = async (deps, caller, request) => {
  refuseParent(request.parent_peer);
  if (request.ids.length > REQUEST_PEERS_MAX) throw badRequest('LIMIT_INVALID');
  const peers = new Set(await Promise.all(request.ids.map((input) => namedPeer(deps, caller, input))));
  const reader = await deps.engine.read(caller.userId);
  const parts = [...peers].map((peer) => savedDialog(reader, caller.userId, peer)).filter((part) => part !== undefined);
  return { _: 'messages.savedDialogs', ...(await savedDialogViews(deps, reader, caller.userId, parts)) };
};
