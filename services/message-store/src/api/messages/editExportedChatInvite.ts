import { groupBox } from '@heliograph/box/box-id';
import { groupSeal, sealTitle } from '@heliograph/box/group-title';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { inviteExpireDate, inviteTitle, inviteUsageLimit } from '../../domain/invite-terms';
import { submitAct } from '../../messages/group-act';
import { administeredGroup, findInvite, inviteView, linkOf } from '../../messages/invites';
import { setInvite } from '../../messages/set-invite';

/**
 * Changes a link's terms, or ends it for good; the caller's permanent link is followed by a new one
 * (docs: core.telegram.org/method/messages.editExportedChatInvite).
 */
export const editExportedChatInvite: Method<Deps, 'messages.editExportedChatInvite'> = async (deps, caller, request) => {
  if (request.request_needed) throw badRequest('NOT_IMPLEMENTED');
  const place = await administeredGroup(deps, caller, request.peer);
  const { chatId, group } = place;
  const before = await linkOf(deps, caller, place, request.link);
  if (before.revoked) throw badRequest('INVITE_HASH_EXPIRED');
  if (request.revoked) {
    if (before.permanent && Number(before.admin) === caller.userId) {
      const next = await setInvite(deps, caller, chatId, group, { expireDate: 0, usageLimit: 0, titleSealed: new Uint8Array(0), permanent: true });
      const [invite, new_invite] = await Promise.all([inviteView(deps, chatId, { ...before, permanent: false, revoked: true }), inviteView(deps, chatId, next)]);
      return { _: 'messages.exportedChatInviteReplaced', invite, new_invite, users: [] };
    }
    await submitAct(deps, caller, chatId, { case: 'setInvite', value: { invite: { ...before, permanent: false, revoked: true } } });
    return { _: 'messages.exportedChatInvite', invite: await inviteView(deps, chatId, { ...before, permanent: false, revoked: true }), users: [] };
  }
  if (before.permanent) throw badRequest('CHAT_INVITE_PERMANENT');
  const changed = { ...before };
  if (request.expire_date !== undefined) changed.expireDate = inviteExpireDate(request.expire_date, caller.date);
  if (request.usage_limit !== undefined) changed.usageLimit = inviteUsageLimit(request.usage_limit);
  if (request.title !== undefined) changed.titleSealed = sealTitle(await groupSeal(deps.keyring, deps.dc, groupBox(chatId)), groupBox(chatId), inviteTitle(request.title));
  await submitAct(deps, caller, chatId, { case: 'setInvite', value: { invite: changed } });
  // Somebody may have joined by it meanwhile.
  const now = findInvite(await deps.groups.find(chatId), before.nonce) ?? changed;
  return { _: 'messages.exportedChatInvite', invite: await inviteView(deps, chatId, now), users: [] };
};
