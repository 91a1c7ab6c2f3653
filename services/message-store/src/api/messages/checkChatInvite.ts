import { groupBox } from '@heliograph/box/box-id';
import { isPresent } from '@heliograph/box/group-rights';
import { openAbout, openTitle } from '@heliograph/box/group-title';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { isSpent } from '../../engine/effects/group/members';
import { findInvite, namedLink } from '../../messages/invites';

/**
 * What a link invites to (docs: core.telegram.org/method/messages.checkChatInvite). Throws INVITE_HASH_EMPTY, INVITE_HASH_INVALID, and INVITE_HASH_EXPIRED
 * where the caller can't join by it: it was never made, has ended, is used up, or the caller was removed from the group.
 */
export const checkChatInvite: Method<Deps, 'messages.checkChatInvite'> = async (deps, caller, request) => {
  const { chatId, nonce } = await namedLink(deps, request.hash);
  const group = await deps.groups.find(chatId);
  const invite = findInvite(group, nonce);
  if (!group || group.record.deactivated || !invite) throw badRequest('INVITE_HASH_EXPIRED');
  const member = group.members.get(caller.userId);
  if (isPresent(member)) return { _: 'chatInviteAlready', chat: { _: 'chatEmpty', id: chatId } };
  if (member?.kicked || isSpent(invite, caller.date)) throw badRequest('INVITE_HASH_EXPIRED');
  const { record } = group;
  const [title, about] = await Promise.all([openTitle(deps.keyring, groupBox(chatId), record.titleSealed), openAbout(deps.keyring, groupBox(chatId), record.aboutSealed)]);
  return { _: 'chatInvite', title, about: about || undefined, photo: { _: 'photoEmpty', id: 0n }, participants_count: record.memberCount, color: 0 };
};
