import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { answerRequests } from '../../messages/answer-requests';
import { isChannel, openChannel } from '../../messages/named-channel';
import { namedGroup } from '../../messages/group-view';

/**
 * Lets somebody in who asked for it, or not (docs: core.telegram.org/method/messages.hideChatJoinRequest). Throws HIDE_REQUESTER_MISSING, also for a basic group, where nobody asks.
 */
export const hideChatJoinRequest: Method<Deps, 'messages.hideChatJoinRequest'> = async (deps, caller, request) => {
  const user = deps.peers.user(caller.userId, request.user_id);
  if (!isChannel(request.peer)) {
    await namedGroup(deps, caller, request.peer);
    throw badRequest('HIDE_REQUESTER_MISSING');
  }
  return answerRequests(deps, caller, await openChannel(deps, caller, request.peer), { users: [BigInt(user)], approve: request.approved ?? false });
};
