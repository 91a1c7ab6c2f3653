import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { isUsername } from '../../domain/username';
import { findUsernameOwner } from '../../tables/usernames';

/** Who has a public name, whatever the case. Throws USERNAME_INVALID, USERNAME_NOT_OCCUPIED. */
export const resolveUsername: Method<Deps, 'contacts.resolveUsername'> = async (deps, _caller, { username }) => {
  if (!isUsername(username)) throw badRequest('USERNAME_INVALID');
  const id = await findUsernameOwner(deps, username);
  if (id === undefined) throw badRequest('USERNAME_NOT_OCCUPIED');
  return { _: 'contacts.resolvedPeer', peer: { _: 'peerUser', user_id: id }, chats: [], users: [] };
};
