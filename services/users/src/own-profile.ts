import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { HeliographUserProfile, UpdateUserName, User } from '@heliograph/tl/api';
import type { Deps } from './deps';
import { findDressedUsers } from './dressed-users';
import { pushToOwnSessions, pushToWatchers, pushUsersChanged } from './pushes';
import { findAccount, type Account } from './tables/users';

/** The caller's own account; it exists for every login (500 otherwise would repeat for ever). */
export async function ownAccount(deps: Deps, caller: CallerContext): Promise<Account> {
  const account = await findAccount(deps, caller.userId);
  if (!account) throw badRequest('USER_ID_INVALID');
  return account;
}

/** Announces changed names, and the user as the caller now sees themselves. */
export async function namesChanged(deps: Deps, caller: CallerContext, profile: Pick<HeliographUserProfile, 'first_name' | 'last_name'>, username: string): Promise<User> {
  await pushUsersChanged(deps, caller.userId);
  const update: UpdateUserName = {
    _: 'updateUserName', user_id: caller.userId, first_name: profile.first_name, last_name: profile.last_name,
    usernames: username ? [{ _: 'username', editable: true, active: true, username }] : [],
  };
  pushToOwnSessions(deps, caller, update);
  pushToWatchers(deps, [{ userId: caller.userId, update }], caller.date);
  return ownUser(deps, caller);
}

export async function ownUser(deps: Deps, caller: CallerContext): Promise<User> {
  const [user] = await findDressedUsers(deps, caller.userId, [caller.userId]);
  if (!user) throw badRequest('USER_ID_INVALID');
  return user;
}
