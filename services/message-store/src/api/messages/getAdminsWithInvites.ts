import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { ChatAdminWithInvites } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { invitable } from '../../messages/invites';

/** Which admins have made links, and how many; told to the creator (docs: core.telegram.org/method/messages.getAdminsWithInvites). */
export const getAdminsWithInvites: Method<Deps, 'messages.getAdminsWithInvites'> = async (deps, caller, request) => {
  const { invites, isCreator } = await invitable(deps, caller, request.peer);
  if (!isCreator) throw badRequest('CHAT_ADMIN_REQUIRED');
  const admins = new Map<number, ChatAdminWithInvites>();
  for (const { admin, revoked } of invites) {
    const admin_id = Number(admin);
    const counted = admins.get(admin_id) ?? { _: 'chatAdminWithInvites', admin_id, invites_count: 0, revoked_invites_count: 0 };
    if (revoked) counted.revoked_invites_count += 1;
    else counted.invites_count += 1;
    admins.set(admin_id, counted);
  }
  return { _: 'messages.chatAdminsWithInvites', admins: [...admins.values()], users: [] };
};
