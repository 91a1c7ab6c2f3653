import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { HIDDEN_MEMBERS_GROUP_SIZE_MIN } from '../../limits';
import { openSupergroup, setInChannel } from '../../messages/channel-setting';

/** Whether the list of members of a supergroup is for admins alone (docs: core.telegram.org/method/channels.toggleParticipantsHidden). Throws PARTICIPANTS_TOO_FEW. */
export const toggleParticipantsHidden: Method<Deps, 'channels.toggleParticipantsHidden'> = async (deps, caller, request) => {
  const { box, record } = await openSupergroup(deps, caller, request.channel);
  if (request.enabled && record.memberCount < HIDDEN_MEMBERS_GROUP_SIZE_MIN) throw badRequest('PARTICIPANTS_TOO_FEW');
  return setInChannel(deps, caller, box, { participantsHidden: request.enabled });
};
