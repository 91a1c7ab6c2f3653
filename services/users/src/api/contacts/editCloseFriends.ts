import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { CONTACTS_PER_USER_MAX } from '../../limits';
import { pushToOwnSessions, pushUsersChanged } from '../../pushes';
import { listContacts, writeContact } from '../../tables/contacts';

/**
 * These contacts of the caller, and no others, are close friends (docs: core.telegram.org/method/contacts.editCloseFriends): he sees it of them on all devices, and nobody else does.
 * Who is no contact is passed over. Throws LIMIT_INVALID.
 */
export const editCloseFriends: Method<Deps, 'contacts.editCloseFriends'> = async (deps, caller, { id: wanted }) => {
  if (wanted.length > CONTACTS_PER_USER_MAX) throw badRequest('LIMIT_INVALID');
  const close = new Set(wanted);
  const changed = (await listContacts(deps, caller.userId)).filter(({ contactId, saved }) => (saved.close_friend ?? false) !== close.has(contactId));
  for (const { contactId, saved, addedAt } of changed) await writeContact(deps, caller.userId, { ...saved, close_friend: close.has(contactId) || undefined }, addedAt);
  if (changed.length === 0) return true;
  // What the caller sees of others changed, and of them nothing.
  await pushUsersChanged(deps, caller.userId);
  pushToOwnSessions(deps, caller, ...changed.map(({ contactId }) => ({ _: 'updateUser' as const, user_id: contactId })));
  return true;
};
