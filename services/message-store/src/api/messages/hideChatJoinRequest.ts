import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { answerRequests } from '../../messages/answer-requests';
import { invitable } from '../../messages/invites';

/** Lets somebody in who asked for it, or not (docs: core.telegram.org/method/messages.hideChatJoinRequest). Throws HIDE_REQUESTER_MISSING, USERS_TOO_MUCH, CHAT_ADMIN_REQUIRED. */
export const hideChatJoinRequest: Method<Deps, 'messages.hideChatJoinRequest'> = async (deps, caller, request) => {
  const user = deps.peers.user(caller.userId, request.user_id);
  return answerRequests(deps, caller, await invitable(deps, caller, request.peer), { users: [BigInt(user)], approve: request.approved ?? false });
};
