import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { submitAct } from '../../messages/group-act';
import { administeredGroup } from '../../messages/invites';

/** Forgets all links of an admin that were ended (docs: core.telegram.org/method/messages.deleteRevokedExportedChatInvites). Throws ADMIN_ID_INVALID where they are not the caller's, nor he the creator. */
export const deleteRevokedExportedChatInvites: Method<Deps, 'messages.deleteRevokedExportedChatInvites'> = async (deps, caller, request) => {
  const { chatId, group, isCreator } = await administeredGroup(deps, caller, request.peer);
  const admin = deps.peers.user(caller.userId, request.admin_id);
  if (admin !== caller.userId && !isCreator) throw badRequest('ADMIN_ID_INVALID');
  const nonces = group.record.invites.filter((invite) => invite.revoked && Number(invite.admin) === admin).map(({ nonce }) => nonce);
  if (nonces.length > 0) await submitAct(deps, caller, chatId, { case: 'forgetInvites', value: { nonces } });
  return true;
};
