import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { isUsername } from '../../domain/username';
import { namesChanged, ownAccount } from '../../own-profile';
import { claimUsername, releaseUsername } from '../../tables/usernames';
import { users } from '../../tables/users';

/**
 * Takes, recapitalises or (empty) gives up a public name: claimed in the directory first, shown next, the old one released last.
 * Throws USERNAME_INVALID, USERNAME_OCCUPIED, USERNAME_NOT_MODIFIED.
 */
export const updateUsername: Method<Deps, 'account.updateUsername'> = async (deps, caller, { username }) => {
  if (username !== '' && !isUsername(username)) throw badRequest('USERNAME_INVALID');
  const { row, profile } = await ownAccount(deps, caller);
  const before = row.username ?? '';
  if (before === username) throw badRequest('USERNAME_NOT_MODIFIED');
  if (username !== '' && !(await claimUsername(deps, username, caller.userId, caller.date))) throw badRequest('USERNAME_OCCUPIED');
  await deps.storage.put(users, { user_id: caller.userId, username: username || null });
  if (before !== '' && before.toLowerCase() !== username.toLowerCase()) await releaseUsername(deps, before, caller.userId, caller.date);
  return namesChanged(deps, caller, profile, username);
};
