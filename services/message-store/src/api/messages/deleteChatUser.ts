import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { outcomeUpdates } from '../../messages/answer';
import { submitAct } from '../../messages/group-act';
import { getGroupView, isAdminOf } from '../../messages/group-view';
import { revokeHistoryOf } from '../../messages/revoke-history';

/**
 * Removes a user from a basic group, or the caller, who leaves it: if he is its creator, somebody else is that at once; with `revoke_history` what they wrote goes too, for everybody
 * (docs: core.telegram.org/method/messages.deleteChatUser).
 */
export const deleteChatUser: Method<Deps, 'messages.deleteChatUser'> = async (deps, caller, request) => {
  const user = deps.peers.user(caller.userId, request.user_id);
  const view = await getGroupView(deps, caller, request.chat_id);
  if (request.revoke_history) {
    // What a member wrote can be deleted for all as long as who deletes it is in the group: before.
    if (user !== caller.userId && !isAdminOf(view, caller.userId)) throw badRequest('CHAT_ADMIN_REQUIRED');
    await revokeHistoryOf(deps, caller, request.chat_id, user);
  }
  const outcome = await submitAct(deps, caller, request.chat_id, { case: 'remove', value: { user: BigInt(user), handOver: true } }, { _: 'messageActionChatDeleteUser', user_id: user });
  return outcomeUpdates(deps, caller, outcome);
};
