import type { SettleLoginsRequest } from '@heliograph/protos/heliograph/auth/v1/login_move_pb';
import type { Deps } from '../deps';
import { announceRevoked } from '../logins';
import { authorizationSettings, listLogins, setLoginHomes } from '../tables/logins';

/** The user lives in that DC: the logins here say so, and their clients are sent there. */
export async function settleLogins(deps: Deps, request: Pick<SettleLoginsRequest, 'userId' | 'homeDc' | 'ttlDays'>): Promise<object> {
  const userId = Number(request.userId);
  if (request.ttlDays > 0) await deps.storage.put(authorizationSettings, { user_id: userId, ttl_days: request.ttlDays });
  else if (request.homeDc !== deps.dc) await deps.storage.delete(authorizationSettings, { user_id: userId });
  const logins = (await listLogins(deps.storage, userId, Math.floor(deps.clock.now() / 1000))).filter(({ homeDc }) => homeDc !== request.homeDc);
  await setLoginHomes(deps.storage, logins, request.homeDc);
  for (const login of logins) await announceRevoked(deps, login.keyId, undefined);
  return {};
}
