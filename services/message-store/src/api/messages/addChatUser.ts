import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { emptyUpdates, outcomeUpdates } from '../../messages/answer';
import { submitAct } from '../../messages/group-act';
import { getGroupView } from '../../messages/group-view';
import { sortInvitees } from '../../messages/invitees';

/**
 * Brings a user into a basic group, or answers that they may not be brought (docs: core.telegram.org/method/messages.addChatUser).
 * NOTSPEC: `fwd_limit` is ignored: who comes sees what is written from then on.
 */
export const addChatUser: Method<Deps, 'messages.addChatUser'> = async (deps, caller, request) => {
  const user = deps.peers.user(caller.userId, request.user_id);
  await getGroupView(deps, caller, request.chat_id);
  const contact = await deps.admissions.find(caller.userId, user);
  if (contact.toDeleted) throw badRequest('INPUT_USER_DEACTIVATED');
  if (contact.blockedBySelf) throw badRequest('YOU_BLOCKED_USER');
  const { missing } = await sortInvitees(deps, caller, [user]);
  if (missing.length > 0) return { _: 'messages.invitedUsers', updates: emptyUpdates(caller), missing_invitees: missing };
  const outcome = await submitAct(deps, caller, request.chat_id, { case: 'add', value: { user: BigInt(user) } }, { _: 'messageActionChatAddUser', users: [user] });
  return { _: 'messages.invitedUsers', updates: await outcomeUpdates(deps, caller, outcome), missing_invitees: [] };
};
