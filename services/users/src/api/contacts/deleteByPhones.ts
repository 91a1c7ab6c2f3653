import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { contactsChanged } from '../../contact-updates';
import type { Deps } from '../../deps';
import { phoneDigits } from '../../domain/phone-digits';
import { USERS_PER_REQUEST_MAX } from '../../limits';
import { deleteContact, deleteImportedPhone, findContacts } from '../../tables/contacts';
import { findUsersByPhone } from '../../tables/phones';

/** Forgets numbers of the address book, and the contacts that were made by them. Throws LIMIT_INVALID. */
export const deleteByPhones: Method<Deps, 'contacts.deleteByPhones'> = async (deps, caller, { phones }) => {
  if (phones.length > USERS_PER_REQUEST_MAX) throw badRequest('LIMIT_INVALID');
  const numbers = phones.flatMap((written) => phoneDigits(written) ?? []);
  const owners = await findUsersByPhone(deps, numbers);
  const known = await findContacts(deps, caller.userId, owners.map((id) => id ?? 0));
  const removed: number[] = [];
  for (const [index, phone] of numbers.entries()) {
    await deleteImportedPhone(deps, caller.userId, phone);
    const contact = known[index];
    if (contact?.saved.phone !== phone) continue;
    await deleteContact(deps, caller.userId, contact.contactId);
    removed.push(contact.contactId);
  }
  await contactsChanged(deps, caller, removed, false);
  return true;
};
