import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { isUsername } from '../../domain/username';
import { ownerPeer } from '../../domain/owner-peer';
import { findUsernameOwner } from '../../tables/usernames';

/** Who or which channel has a public name, whatever the case. Throws USERNAME_INVALID, USERNAME_NOT_OCCUPIED. */
export const resolveUsername: Method<Deps, 'contacts.resolveUsername'> = async (deps, _caller, { username }) => {
  if (!isUsername(username)) throw badRequest('USERNAME_INVALID');
  const owner = await findUsernameOwner(deps, username);
  if (owner === undefined) throw badRequest('USERNAME_NOT_OCCUPIED');
  return { _: 'contacts.resolvedPeer', peer: ownerPeer(owner), chats: [], users: [] };
};
