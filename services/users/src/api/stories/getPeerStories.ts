import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** A user's stories: nobody posts any here. Throws 400 PEER_ID_INVALID. */
export const getPeerStories: Method<Deps, 'stories.getPeerStories'> = async (deps, caller, { peer }) => {
  const owner = deps.peers.peer(caller.userId, peer);
  if (owner.kind !== 'user') throw badRequest('PEER_ID_INVALID');
  return { _: 'stories.peerStories', stories: { _: 'peerStories', peer: { _: 'peerUser', user_id: owner.id }, stories: [] }, chats: [], users: [] };
};
