import type { Method } from '@heliograph/client-api/method';
import { listHash } from '@heliograph/client-api/list-hash';
import type { Deps } from '../../deps';
import { areMutual } from '../../mutual';
import { listContacts } from '../../tables/contacts';

/** The caller's contacts; NotModified when the client's hash says that it has them (docs: core.telegram.org/method/contacts.getContacts). */
export const getContacts: Method<Deps, 'contacts.getContacts'> = async (deps, caller, { hash }) => {
  const list = await listContacts(deps, caller.userId);
  const ids = list.map(({ contactId }) => contactId);
  if (hash !== 0n && hash === listHash([list.length, ...ids])) return { _: 'contacts.contactsNotModified' };
  const mutual = await areMutual(deps, caller.userId, ids);
  return { _: 'contacts.contacts', contacts: ids.map((id, index) => ({ _: 'contact', user_id: id, mutual: mutual[index] ?? false })), saved_count: list.length, users: [] };
};
