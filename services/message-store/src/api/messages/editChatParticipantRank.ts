import { groupBox } from '@heliograph/box/box-id';
import { groupSeal, sealRank } from '@heliograph/box/group-title';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { adminRank } from '../../domain/admin-rank';
import { outcomeUpdates } from '../../messages/answer';
import { changeChannel } from '../../messages/channel-act';
import { participantOf } from '../../messages/channel-participants';
import { submitAct } from '../../messages/group-act';
import { namedGroup } from '../../messages/group-view';
import { isChannel, openChannel } from '../../messages/named-channel';

/**
 * What somebody of a basic group or a supergroup is called beside his name: one's own, where members may (`edit_rank`), or anybody's by an admin (`manage_ranks`)
 * (docs: core.telegram.org/api/rank). Throws PEER_ID_INVALID (nobody is called anything there), PARTICIPANT_ID_INVALID, ADMIN_RANK_INVALID, ADMIN_RANK_EMOJI_NOT_ALLOWED,
 * CHAT_ADMIN_REQUIRED, USER_NOT_PARTICIPANT.
 */
export const editChatParticipantRank: Method<Deps, 'messages.editChatParticipantRank'> = async (deps, caller, request) => {
  const user = participantOf(deps, caller, request.participant);
  if (user === undefined || user <= 0) throw badRequest('PARTICIPANT_ID_INVALID');
  const rank = adminRank(request.rank);
  const setRank = async (box: number) => ({ case: 'setRank' as const, value: { user: BigInt(user), rankSealed: sealRank(await groupSeal(deps.keyring, deps.dc, box), box, rank) } });
  if (isChannel(request.peer)) {
    const { box, record } = await openChannel(deps, caller, request.peer);
    if (record.broadcast) throw badRequest('PEER_ID_INVALID');
    return changeChannel(deps, caller, box, await setRank(box));
  }
  const { chatId } = await namedGroup(deps, caller, request.peer);
  return outcomeUpdates(deps, caller, await submitAct(deps, caller, chatId, await setRank(groupBox(chatId))));
};
