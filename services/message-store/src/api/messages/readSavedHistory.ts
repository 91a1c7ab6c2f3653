import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { refuseParent } from '../../messages/peer';

/** Reads a topic of a channel's direct messages, of which there are none here: PARENT_PEER_INVALID (docs: core.telegram.org/method/messages.readSavedHistory). */
export const readSavedHistory: Method<Deps, 'messages.readSavedHistory'> = async (_deps, _caller, request) => {
  refuseParent(request.parent_peer);
  throw badRequest('PARENT_PEER_INVALID');
};
