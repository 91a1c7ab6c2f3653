import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { invitable, linkOf } from '../../messages/invites';
import { actOnInvites } from '../../messages/set-invite';

/** Forgets a link that was ended (docs: core.telegram.org/method/messages.deleteExportedChatInvite). Throws INVITE_REVOKED_MISSING for one that still holds. */
export const deleteExportedChatInvite: Method<Deps, 'messages.deleteExportedChatInvite'> = async (deps, caller, request) => {
  const place = await invitable(deps, caller, request.peer);
  const invite = await linkOf(deps, caller, place, request.link);
  if (!invite.revoked) throw badRequest('INVITE_REVOKED_MISSING');
  await actOnInvites(deps, caller, place.box, { case: 'forgetInvites', value: { nonces: [invite.nonce] } });
  return true;
};
