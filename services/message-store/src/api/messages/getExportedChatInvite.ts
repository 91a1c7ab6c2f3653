import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { invitable, inviteView, linkOf } from '../../messages/invites';

/** One link of a basic group or a channel, for its admins (docs: core.telegram.org/method/messages.getExportedChatInvite). */
export const getExportedChatInvite: Method<Deps, 'messages.getExportedChatInvite'> = async (deps, caller, request) => {
  const place = await invitable(deps, caller, request.peer);
  const invite = await linkOf(deps, caller, place, request.link);
  return { _: 'messages.exportedChatInvite', invite: await inviteView(deps, place, invite), users: [] };
};
