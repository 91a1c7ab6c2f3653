import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { contactsChanged } from '../../contact-updates';
import type { Deps } from '../../deps';
import { USERS_PER_REQUEST_MAX } from '../../limits';
import { deleteContact, deleteImportedPhone, findContacts } from '../../tables/contacts';

/** Deletes contacts, with the numbers that they were imported by. Throws USER_ID_INVALID, LIMIT_INVALID. */
export const deleteContacts: Method<Deps, 'contacts.deleteContacts'> = async (deps, caller, { id: inputs }) => {
  if (inputs.length > USERS_PER_REQUEST_MAX) throw badRequest('LIMIT_INVALID');
  const ids = inputs.map((input) => deps.peers.user(caller.userId, input));
  const known = (await findContacts(deps, caller.userId, ids)).filter((contact) => contact !== undefined);
  for (const { contactId, saved } of known) {
    if (saved.phone) await deleteImportedPhone(deps, caller.userId, saved.phone);
    await deleteContact(deps, caller.userId, contactId);
  }
  return contactsChanged(deps, caller, known.map(({ contactId }) => contactId), false);
};
