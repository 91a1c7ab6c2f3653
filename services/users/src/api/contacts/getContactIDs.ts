import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import { listHash } from '@heliograph/client-api/list-hash';
import type { Deps } from '../../deps';
import { listContacts } from '../../tables/contacts';

const INT_MAX = 0x7fffffff;

/**
 * Ids of the caller's contacts; empty when the client's hash says that it has them. The schema's answer holds 32 bits of an id and ids here
 * have more: whoever has contacts is told that the method isn't served, and asks contacts.getContacts.
 */
export const getContactIDs: Method<Deps, 'contacts.getContactIDs'> = async (deps, caller, { hash }) => {
  const ids = (await listContacts(deps, caller.userId)).map(({ contactId }) => contactId);
  if (ids.length === 0 || (hash !== 0n && hash === listHash(ids))) return [];
  if (ids.some((id) => id > INT_MAX)) throw badRequest('NOT_IMPLEMENTED');
  return ids;
};
