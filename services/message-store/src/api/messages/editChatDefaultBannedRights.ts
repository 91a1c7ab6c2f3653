import { BANNED, bannedBits, FOREVER } from '@heliograph/box/group-rights';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { outcomeUpdates } from '../../messages/answer';
import { submitAct } from '../../messages/group-act';
import { namedGroup } from '../../messages/group-view';

/**
 * What members of a basic group who are no admins may not do (docs: core.telegram.org/method/messages.editChatDefaultBannedRights). That holds until it is
 * changed, so a date is refused with UNTIL_DATE_INVALID; nobody is kept from reading: BANNED_RIGHTS_INVALID.
 */
export const editChatDefaultBannedRights: Method<Deps, 'messages.editChatDefaultBannedRights'> = async (deps, caller, request) => {
  const { chatId } = await namedGroup(deps, caller, request.peer);
  const rights = request.banned_rights;
  if (rights.until_date !== 0 && rights.until_date !== FOREVER) throw badRequest('UNTIL_DATE_INVALID');
  const banned = bannedBits(rights);
  if (banned & BANNED.view_messages) throw badRequest('BANNED_RIGHTS_INVALID');
  return outcomeUpdates(deps, caller, await submitAct(deps, caller, chatId, { case: 'setDefaultRights', value: { banned } }));
};
