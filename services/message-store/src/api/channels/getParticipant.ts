import { create } from '@bufbuild/protobuf';
import { adminRights } from '@heliograph/box/channel-rights';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { ChannelMemberSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Deps } from '../../deps';
import { isShownAdmin, participantOf, renderParticipant } from '../../messages/channel-participants';
import { openChannel } from '../../messages/named-channel';

/**
 * Somebody of a channel (docs: core.telegram.org/method/channels.getParticipant). Of a broadcast, and where the list of members is hidden, who is no admin sees
 * himself and the admins alone. Throws PARTICIPANT_ID_INVALID, USER_NOT_PARTICIPANT, CHAT_ADMIN_REQUIRED.
 */
export const getParticipant: Method<Deps, 'channels.getParticipant'> = async (deps, caller, request) => {
  const channel = await openChannel(deps, caller, request.channel);
  const participant = participantOf(deps, caller, request.participant);
  if (participant === undefined) throw badRequest('PARTICIPANT_ID_INVALID');
  const { record } = channel;
  const isAdmin = adminRights(record, caller.userId) !== 0;
  const shown = isAdmin || participant === caller.userId || adminRights(record, participant) !== 0;
  if (!shown && (record.broadcast || record.participantsHidden)) throw badRequest('CHAT_ADMIN_REQUIRED');
  const [known] = await channel.members([participant]);
  const member = known ?? create(ChannelMemberSchema, { user: BigInt(participant) });
  const rendered = isShownAdmin(record, caller, participant) ? await renderParticipant(deps, caller, channel, member) : undefined;
  // Whom they banned is the admins' to know, and his own.
  if (rendered === undefined || (rendered._ === 'channelParticipantBanned' && rendered.left && !isAdmin && participant !== caller.userId)) throw badRequest('USER_NOT_PARTICIPANT');
  return { _: 'channels.channelParticipant', participant: rendered, chats: [], users: [] };
};
