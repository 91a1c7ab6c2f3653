import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { VIEWS_PER_CALL_MAX } from '../../limits';
import { listContacts } from '../../tables/contacts';
import { findViews } from '../../views';

const DAY_MS = 86_400_000;

/** Contacts whose birthday is yesterday, today or tomorrow, by UTC (docs: core.telegram.org/method/contacts.getBirthdays). */
export const getBirthdays: Method<Deps, 'contacts.getBirthdays'> = async (deps, caller) => {
  const near = [-1, 0, 1].map((days) => new Date(caller.date * 1000 + days * DAY_MS)).map((date) => `${date.getUTCMonth() + 1}-${date.getUTCDate()}`);
  const ids = (await listContacts(deps, caller.userId)).map(({ contactId }) => contactId);
  const contacts = [];
  for (let start = 0; start < ids.length; start += VIEWS_PER_CALL_MAX) {
    for (const { id, birthday } of await findViews(deps, caller.userId, ids.slice(start, start + VIEWS_PER_CALL_MAX))) {
      if (!birthday || !near.includes(`${birthday.month}-${birthday.day}`)) continue;
      contacts.push({ _: 'contactBirthday' as const, contact_id: Number(id), birthday: { _: 'birthday' as const, day: birthday.day ?? 1, month: birthday.month ?? 1, year: birthday.year || undefined } });
    }
  }
  return { _: 'contacts.contactBirthdays', contacts, users: [] };
};
