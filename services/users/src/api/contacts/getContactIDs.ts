import type { Method } from '@heliograph/client-api/method';
import { listHash } from '@heliograph/client-api/list-hash';
import type { Deps } from '../../deps';
import { listContacts } from '../../tables/contacts';

/** Ids of the caller's contacts; empty when the client's hash says that it has them. */
export const getContactIDs: Method<Deps, 'contacts.getContactIDs'> = async (deps, caller, { hash }) => {
  const ids = (await listContacts(deps, caller.userId)).map(({ contactId }) => contactId);
  return hash !== 0n && hash === listHash(ids) ? [] : ids;
};
