import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** There are no channels yet: a channel that the hash opens is one that is gone. Throws CHANNEL_INVALID, CHANNEL_PRIVATE. */
export const getChannelDifference: Method<Deps, 'updates.getChannelDifference'> = async (deps, caller, request) => {
  const peer = deps.peers.peer(caller.userId, request.channel);
  throw badRequest(peer.kind === 'channel' ? 'CHANNEL_PRIVATE' : 'CHANNEL_INVALID');
};
