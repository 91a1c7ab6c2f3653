import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { endLogin, requireLogin } from '../../logins';

/** Ends the caller's login on every connection of its key (docs: core.telegram.org/method/auth.logOut). */
export const logOut: Method<Deps, 'auth.logOut'> = async (deps, caller) => {
  const login = await requireLogin(deps, caller);
  await endLogin(deps, login, { exceptSession: caller.sessionId });
  caller.changeSession({ case: 'loggedOut', value: {} });
  return { _: 'auth.loggedOut' };
};
