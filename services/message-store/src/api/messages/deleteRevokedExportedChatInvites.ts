import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { invitable, linksAdmin } from '../../messages/invites';
import { actOnInvites } from '../../messages/set-invite';

/** Forgets all links of an admin that were ended (docs: core.telegram.org/method/messages.deleteRevokedExportedChatInvites). Throws ADMIN_ID_INVALID where they are not the caller's, nor he the creator. */
export const deleteRevokedExportedChatInvites: Method<Deps, 'messages.deleteRevokedExportedChatInvites'> = async (deps, caller, request) => {
  const place = await invitable(deps, caller, request.peer);
  const admin = linksAdmin(deps, caller, place, request.admin_id);
  const nonces = place.invites.filter((invite) => invite.revoked && Number(invite.admin) === admin).map(({ nonce }) => nonce);
  if (nonces.length > 0) await actOnInvites(deps, caller, place.box, { case: 'forgetInvites', value: { nonces } });
  return true;
};
