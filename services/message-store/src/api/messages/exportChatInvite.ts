import { groupSeal, sealTitle } from '@heliograph/box/group-title';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { inviteExpireDate, inviteTitle, inviteUsageLimit } from '../../domain/invite-terms';
import { invitable, inviteView } from '../../messages/invites';
import { setInvite } from '../../messages/set-invite';

/**
 * Makes an invite link of a basic group or a channel; with `legacy_revoke_permanent` the caller's new permanent one, which ends the one before
 * (docs: core.telegram.org/method/messages.exportChatInvite). One by which people ask to be let in has no usage limit: USAGE_LIMIT_INVALID. Nobody
 * pays: NOT_IMPLEMENTED.
 */
export const exportChatInvite: Method<Deps, 'messages.exportChatInvite'> = async (deps, caller, request) => {
  if (request.subscription_pricing) throw badRequest('NOT_IMPLEMENTED');
  const place = await invitable(deps, caller, request.peer);
  const { box } = place;
  const requestNeeded = request.request_needed ?? false;
  const expireDate = inviteExpireDate(request.expire_date ?? 0, caller.date);
  const usageLimit = inviteUsageLimit(request.usage_limit ?? 0, requestNeeded);
  const title = inviteTitle(request.title ?? '');
  const permanent = (request.legacy_revoke_permanent ?? false) && expireDate === 0 && usageLimit === 0 && title === '' && !requestNeeded;
  const titleSealed = sealTitle(await groupSeal(deps.keyring, deps.dc, box), box, title);
  return inviteView(deps, place, await setInvite(deps, caller, place, { expireDate, usageLimit, titleSealed, permanent, requestNeeded }));
};
