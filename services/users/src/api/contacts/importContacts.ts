import type { Method } from '@heliograph/client-api/method';
import { userEmpty } from '@heliograph/client-api/user';
import type { HeliographContact } from '@heliograph/tl/api';
import { settingsUpdates } from '../../contact-updates';
import type { Deps } from '../../deps';
import { phoneDigits } from '../../domain/phone-digits';
import { CONTACTS_PER_USER_MAX, IMPORT_CONTACTS_MAX, NAME_CHARS_MAX } from '../../limits';
import { pushToOwnSessions, pushUsersChanged } from '../../pushes';
import { countContacts, findContacts, writeContact, writeImportedPhone } from '../../tables/contacts';
import { findUsersByPhone } from '../../tables/phones';

/**
 * Saves numbers under names of the caller's choice; those who have signed up become contacts at once, the others when they do.
 * Numbers beyond IMPORT_CONTACTS_MAX, or beyond the list's room, are answered as `retry_contacts` (docs: core.telegram.org/method/contacts.importContacts).
 */
export const importContacts: Method<Deps, 'contacts.importContacts'> = async (deps, caller, { contacts: inputs }) => {
  const room = Math.max(0, CONTACTS_PER_USER_MAX - (await countContacts(deps, caller.userId)));
  const taken = inputs.slice(0, Math.min(IMPORT_CONTACTS_MAX, room));
  const entries = taken.flatMap((input) => {
    const phone = phoneDigits(input.phone);
    return phone ? [{ input, phone }] : [];
  });
  const found = await findUsersByPhone(deps, entries.map(({ phone }) => phone));
  const known = await findContacts(deps, caller.userId, found.map((id) => id ?? 0));
  const imported: number[] = [];
  const answers = [];
  for (const [index, { input, phone }] of entries.entries()) {
    const saved: HeliographContact = { _: 'heliograph.contact', user_id: found[index] ?? 0, phone, first_name: input.first_name.slice(0, NAME_CHARS_MAX), last_name: input.last_name.slice(0, NAME_CHARS_MAX), note: input.note };
    await writeImportedPhone(deps, caller.userId, saved);
    if (saved.user_id === 0) continue;
    if (saved.user_id !== caller.userId) await writeContact(deps, caller.userId, { ...saved, close_friend: known[index]?.saved.close_friend }, caller.date);
    imported.push(saved.user_id);
    answers.push({ _: 'importedContact' as const, user_id: saved.user_id, client_id: input.client_id });
  }
  if (imported.length > 0) await pushUsersChanged(deps, caller.userId, ...imported);
  pushToOwnSessions(deps, caller, ...await settingsUpdates(deps, caller, imported, true));
  return {
    _: 'contacts.importedContacts',
    imported: answers,
    popular_invites: [],
    retry_contacts: inputs.slice(taken.length).map((input) => input.client_id),
    users: imported.map(userEmpty),
  };
};
