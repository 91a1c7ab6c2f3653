import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { AUTHORIZATION_TTL_DAYS_MAX } from '../../limits';
import { requireLogin } from '../../logins';
import { authorizationSettings } from '../../tables/logins';

/** Sets after how many days without activity the user's sessions end (docs: core.telegram.org/method/account.setAuthorizationTTL). */
export const setAuthorizationTTL: Method<Deps, 'account.setAuthorizationTTL'> = async (deps, caller, request) => {
  const days = request.authorization_ttl_days;
  if (days < 1 || days > AUTHORIZATION_TTL_DAYS_MAX) throw badRequest('TTL_DAYS_INVALID');
  await requireLogin(deps, caller);
  await deps.storage.put(authorizationSettings, { user_id: caller.userId, ttl_days: days });
  return true;
};
