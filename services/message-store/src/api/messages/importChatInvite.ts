import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { outcomeUpdates } from '../../messages/answer';
import { submitAct } from '../../messages/group-act';
import { findInvite, namedLink } from '../../messages/invites';

/**
 * Joins a basic group by a link (docs: core.telegram.org/method/messages.importChatInvite). Throws INVITE_HASH_EMPTY, INVITE_HASH_INVALID,
 * INVITE_HASH_EXPIRED, USER_ALREADY_PARTICIPANT, USERS_TOO_MUCH; the group decides as of the moment of joining.
 */
export const importChatInvite: Method<Deps, 'messages.importChatInvite'> = async (deps, caller, request) => {
  const { chatId, nonce } = await namedLink(deps, request.hash);
  const invite = findInvite(await deps.groups.find(chatId), nonce);
  if (!invite) throw badRequest('INVITE_HASH_EXPIRED');
  const outcome = await submitAct(deps, caller, chatId, { case: 'join', value: { nonce } }, { _: 'messageActionChatJoinedByLink', inviter_id: Number(invite.admin) });
  return { _: 'messages.chatInviteJoinResultOk', updates: await outcomeUpdates(deps, caller, outcome) };
};
