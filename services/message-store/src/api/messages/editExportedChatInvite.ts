import { groupSeal, sealTitle } from '@heliograph/box/group-title';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { inviteExpireDate, inviteTitle, inviteUsageLimit } from '../../domain/invite-terms';
import { findInvite, invitable, inviteView, linkOf } from '../../messages/invites';
import { actOnInvites, PERMANENT, setInvite } from '../../messages/set-invite';

/**
 * Changes a link's terms, or ends it for good; the caller's permanent link is followed by a new one
 * (docs: core.telegram.org/method/messages.editExportedChatInvite).
 */
export const editExportedChatInvite: Method<Deps, 'messages.editExportedChatInvite'> = async (deps, caller, request) => {
  const place = await invitable(deps, caller, request.peer);
  const { box } = place;
  const before = await linkOf(deps, caller, place, request.link);
  if (before.revoked) throw badRequest('INVITE_HASH_EXPIRED');
  if (request.revoked) {
    const ended = { ...before, permanent: false, revoked: true };
    if (before.permanent && Number(before.admin) === caller.userId) {
      const next = await setInvite(deps, caller, place, PERMANENT);
      const [invite, new_invite] = await Promise.all([inviteView(deps, place, ended), inviteView(deps, place, next)]);
      return { _: 'messages.exportedChatInviteReplaced', invite, new_invite, users: [] };
    }
    await actOnInvites(deps, caller, box, { case: 'setInvite', value: { invite: ended } });
    return { _: 'messages.exportedChatInvite', invite: await inviteView(deps, place, ended), users: [] };
  }
  if (before.permanent) throw badRequest('CHAT_INVITE_PERMANENT');
  const changed = { ...before };
  if (request.expire_date !== undefined) changed.expireDate = inviteExpireDate(request.expire_date, caller.date);
  if (request.request_needed !== undefined) changed.requestNeeded = request.request_needed;
  if (changed.requestNeeded && request.usage_limit === undefined) changed.usageLimit = 0;
  if (request.usage_limit !== undefined) changed.usageLimit = inviteUsageLimit(request.usage_limit, changed.requestNeeded);
  if (request.title !== undefined) changed.titleSealed = sealTitle(await groupSeal(deps.keyring, deps.dc, box), box, inviteTitle(request.title));
  await actOnInvites(deps, caller, box, { case: 'setInvite', value: { invite: changed } });
  // Somebody may have joined by it meanwhile.
  const now = await invitable(deps, caller, request.peer);
  return { _: 'messages.exportedChatInvite', invite: await inviteView(deps, now, findInvite(now, before.nonce) ?? changed), users: [] };
};
