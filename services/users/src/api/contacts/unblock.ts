import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { setBlocked } from '../../block-list';
import type { Deps } from '../../deps';

/** Undoes contacts.block. Throws PEER_ID_INVALID, CONTACT_ID_INVALID. */
export const unblock: Method<Deps, 'contacts.unblock'> = async (deps, caller, request) => {
  // Stories are not served, so there is no list of those who may not see them.
  if (request.my_stories_from) throw badRequest('NOT_IMPLEMENTED');
  const peer = deps.peers.peer(caller.userId, request.id);
  if (peer.kind !== 'user' || peer.id === caller.userId) throw badRequest('CONTACT_ID_INVALID');
  await setBlocked(deps, caller, peer.id, false);
  return true;
};
