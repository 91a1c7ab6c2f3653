import { isChannelBox } from '@heliograph/box/box-id';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { outcomeUpdates } from '../../messages/answer';
import { submitAct } from '../../messages/group-act';
import { findInvite, followLink } from '../../messages/invites';
import { joinChannelAs } from '../../messages/join-channel';
import { tellRequests } from '../../messages/tell-requests';

/**
 * Joins a basic group or a channel by a link, or asks to be let in (docs: core.telegram.org/method/messages.importChatInvite). Throws INVITE_HASH_EMPTY,
 * INVITE_HASH_INVALID, INVITE_HASH_EXPIRED, INVITE_REQUEST_SENT, USER_ALREADY_PARTICIPANT, USERS_TOO_MUCH, CHANNELS_TOO_MUCH; the chat decides as of the moment of joining.
 */
export const importChatInvite: Method<Deps, 'messages.importChatInvite'> = async (deps, caller, request) => {
  const { box, nonce } = await followLink(deps, request.hash);
  const record = isChannelBox(box) ? (await deps.channels.open(caller.userId, box))?.record : (await deps.groups.find(-box))?.record;
  const invite = record && findInvite(record, nonce);
  if (!invite) throw badRequest('INVITE_HASH_EXPIRED');
  const notice = { _: 'messageActionChatJoinedByLink' as const, inviter_id: Number(invite.admin) };
  if ('broadcast' in record) return joinChannelAs(deps, caller, { box, record }, nonce, notice);
  const outcome = await submitAct(deps, caller, -box, { case: 'join', value: { nonce } }, notice);
  if (outcome.requested) {
    await tellRequests(deps, caller, box);
    throw badRequest('INVITE_REQUEST_SENT');
  }
  return { _: 'messages.chatInviteJoinResultOk', updates: await outcomeUpdates(deps, caller, outcome) };
};
