import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { CHANNEL_DELETE_COMMANDS } from '../../limits';
import { actInChannel } from '../../messages/channel-act';
import { participantOf } from '../../messages/channel-participants';
import { openSupergroup } from '../../messages/channel-setting';

/**
 * Deletes all that somebody wrote in a supergroup (docs: core.telegram.org/method/channels.deleteParticipantHistory). Who wrote much takes several calls: while the
 * answer's `offset` is positive, clients ask again. Throws PARTICIPANT_ID_INVALID, CHAT_ADMIN_REQUIRED.
 */
export const deleteParticipantHistory: Method<Deps, 'channels.deleteParticipantHistory'> = async (deps, caller, request) => {
  const { box, pts: before } = await openSupergroup(deps, caller, request.channel);
  const participant = participantOf(deps, caller, request.participant);
  if (participant === undefined) throw badRequest('PARTICIPANT_ID_INVALID');
  let pts = before;
  let pts_count = 0;
  let belowId = 0;
  let more = true;
  for (let run = 0; more && run < CHANNEL_DELETE_COMMANDS; run += 1) {
    const done = await actInChannel(deps, caller, box, { case: 'deleteParticipant', value: { participant: BigInt(participant), belowId } });
    ({ pts, more, next: belowId } = done);
    pts_count += done.ptsCount;
  }
  return { _: 'messages.affectedHistory', pts, pts_count, offset: more ? 1 : 0 };
};
