import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { isUsername } from '../../domain/username';
import { isUsernameFree } from '../../tables/usernames';

/** Whether the caller could take a public name. Throws USERNAME_INVALID. */
export const checkUsername: Method<Deps, 'account.checkUsername'> = async (deps, caller, { username }) => {
  if (!isUsername(username)) throw badRequest('USERNAME_INVALID');
  return isUsernameFree(deps, username, caller.userId, caller.date);
};
