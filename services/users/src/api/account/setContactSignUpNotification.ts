import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { users } from '../../tables/users';

/** Makes joined notices silent, or not. */
export const setContactSignUpNotification: Method<Deps, 'account.setContactSignUpNotification'> = async (deps, caller, { silent }) => {
  await deps.storage.put(users, { user_id: caller.userId, joined_notice_silent: silent });
  return true;
};
