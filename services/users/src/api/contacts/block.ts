import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { setBlocked } from '../../block-list';
import type { Deps } from '../../deps';

/** The user can no longer write to the caller or see their status and bio. Throws PEER_ID_INVALID, CONTACT_ID_INVALID. */
export const block: Method<Deps, 'contacts.block'> = async (deps, caller, request) => {
  // Stories are not served, so there is no list of those who may not see them.
  if (request.my_stories_from) throw badRequest('NOT_IMPLEMENTED');
  const peer = deps.peers.peer(caller.userId, request.id);
  if (peer.kind !== 'user' || peer.id === caller.userId) throw badRequest('CONTACT_ID_INVALID');
  await setBlocked(deps, caller, peer.id, true);
  return true;
};
