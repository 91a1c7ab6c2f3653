import { BANNED, bannedBits, FOREVER } from '@heliograph/box/group-rights';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { outcomeUpdates } from '../../messages/answer';
import { changeChannel } from '../../messages/channel-act';
import { submitAct } from '../../messages/group-act';
import { namedGroup } from '../../messages/group-view';
import { isChannel, openChannel } from '../../messages/named-channel';

/**
 * What members of a group who are no admins may not do (docs: core.telegram.org/method/messages.editChatDefaultBannedRights). That holds until it is
 * changed, so a date is refused with UNTIL_DATE_INVALID; nobody is kept from reading: BANNED_RIGHTS_INVALID.
 */
export const editChatDefaultBannedRights: Method<Deps, 'messages.editChatDefaultBannedRights'> = async (deps, caller, request) => {
  const rights = request.banned_rights;
  const banned = bannedBits(rights);
  const check = (): void => {
    if (rights.until_date !== 0 && rights.until_date !== FOREVER) throw badRequest('UNTIL_DATE_INVALID');
    if (banned & BANNED.view_messages) throw badRequest('BANNED_RIGHTS_INVALID');
  };
  if (isChannel(request.peer)) {
    const { box, record } = await openChannel(deps, caller, request.peer);
    if (record.broadcast) throw badRequest('PEER_ID_INVALID');
    check();
    return changeChannel(deps, caller, box, { case: 'setDefaultRights', value: { banned } });
  }
  const { chatId } = await namedGroup(deps, caller, request.peer);
  check();
  return outcomeUpdates(deps, caller, await submitAct(deps, caller, chatId, { case: 'setDefaultRights', value: { banned } }));
};
