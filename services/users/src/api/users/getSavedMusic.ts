import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Music on a user's profile: none, as account.saveMusic is not served. Throws 400 USER_ID_INVALID. */
export const getSavedMusic: Method<Deps, 'users.getSavedMusic'> = async (deps, caller, { id }) => {
  deps.peers.user(caller.userId, id);
  return { _: 'users.savedMusic', count: 0, documents: [] };
};
