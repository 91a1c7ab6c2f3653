import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { contactsChanged } from '../../contact-updates';
import type { Deps } from '../../deps';
import { phoneDigits } from '../../domain/phone-digits';
import { SERVICE_USER_ID } from '../../domain/user-id';
import { CONTACTS_PER_USER_MAX, NAME_CHARS_MAX } from '../../limits';
import { countContacts, findContacts, writeContact } from '../../tables/contacts';

/** Adds or renames a contact by id. Throws CONTACT_ID_INVALID, CONTACT_NAME_EMPTY, CONTACTS_TOO_MUCH. */
export const addContact: Method<Deps, 'contacts.addContact'> = async (deps, caller, request) => {
  const id = deps.peers.user(caller.userId, request.id);
  if (id === caller.userId || id === SERVICE_USER_ID) throw badRequest('CONTACT_ID_INVALID');
  const first = request.first_name.trim().slice(0, NAME_CHARS_MAX);
  const last = request.last_name.trim().slice(0, NAME_CHARS_MAX);
  if (first === '') throw badRequest('CONTACT_NAME_EMPTY');
  const [known] = await findContacts(deps, caller.userId, [id]);
  if (!known && (await countContacts(deps, caller.userId)) >= CONTACTS_PER_USER_MAX) throw badRequest('CONTACTS_TOO_MUCH');
  const phone = phoneDigits(request.phone) ?? known?.saved.phone ?? '';
  await writeContact(deps, caller.userId, { _: 'heliograph.contact', user_id: id, phone, first_name: first, last_name: last, note: request.note ?? known?.saved.note, close_friend: known?.saved.close_friend }, caller.date);
  return contactsChanged(deps, caller, [id], true);
};
