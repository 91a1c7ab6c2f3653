import { BANNED, bannedBits } from '@heliograph/box/group-rights';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { changeChannel } from '../../messages/channel-act';
import { participantOf } from '../../messages/channel-participants';
import { openChannel } from '../../messages/named-channel';

/**
 * Restricts what somebody may do in a channel, bans him (`view_messages`), or takes that back (docs: core.telegram.org/method/channels.editBanned).
 * Throws PARTICIPANT_ID_INVALID, CHAT_ADMIN_REQUIRED, USER_ADMIN_INVALID, and what else the channel refuses.
 */
export const editBanned: Method<Deps, 'channels.editBanned'> = async (deps, caller, request) => {
  const { box, record } = await openChannel(deps, caller, request.channel);
  const participant = participantOf(deps, caller, request.participant);
  if (participant === undefined || participant === caller.userId || participant === box) throw badRequest('PARTICIPANT_ID_INVALID');
  const banned = bannedBits(request.banned_rights);
  return changeChannel(
    deps, caller, box,
    { case: 'setBanned', value: { participant: BigInt(participant), banned, untilDate: request.banned_rights.until_date } },
    banned & BANNED.view_messages && participant > 0 && !record.broadcast ? { _: 'messageActionChatDeleteUser', user_id: participant } : undefined,
  );
};
