import { groupBox } from '@heliograph/box/box-id';
import { groupSeal, sealTitle } from '@heliograph/box/group-title';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { inviteExpireDate, inviteTitle, inviteUsageLimit } from '../../domain/invite-terms';
import { administeredGroup, inviteView } from '../../messages/invites';
import { setInvite } from '../../messages/set-invite';

/**
 * Makes an invite link of a basic group; with `legacy_revoke_permanent` the caller's new permanent one, which ends the one before
 * (docs: core.telegram.org/method/messages.exportChatInvite). Requests to join are not built.
 */
export const exportChatInvite: Method<Deps, 'messages.exportChatInvite'> = async (deps, caller, request) => {
  if (request.request_needed || request.subscription_pricing) throw badRequest('NOT_IMPLEMENTED');
  const { chatId, group } = await administeredGroup(deps, caller, request.peer);
  const expireDate = inviteExpireDate(request.expire_date ?? 0, caller.date);
  const usageLimit = inviteUsageLimit(request.usage_limit ?? 0);
  const title = inviteTitle(request.title ?? '');
  const permanent = (request.legacy_revoke_permanent ?? false) && expireDate === 0 && usageLimit === 0 && title === '';
  const titleSealed = sealTitle(await groupSeal(deps.keyring, deps.dc, groupBox(chatId)), groupBox(chatId), title);
  return inviteView(deps, chatId, await setInvite(deps, caller, chatId, group, { expireDate, usageLimit, titleSealed, permanent }));
};
