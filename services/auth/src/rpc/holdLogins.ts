import { HOME_ON_THE_WAY } from '@heliograph/client-api/home-dc';
import type { HoldLoginsRequest } from '@heliograph/protos/heliograph/auth/v1/login_move_pb';
import type { Deps } from '../deps';
import { announceRevoked } from '../logins';
import { authorizationSettings, listLogins, setLoginHomes } from '../tables/logins';

/** Nothing that needs the user's home is answered under the logins here until they are settled. */
export async function holdLogins(deps: Deps, { userId }: Pick<HoldLoginsRequest, 'userId'>): Promise<{ ttlDays: number }> {
  const held = (await listLogins(deps.storage, Number(userId), Math.floor(deps.clock.now() / 1000))).filter(({ homeDc }) => homeDc !== HOME_ON_THE_WAY);
  await setLoginHomes(deps.storage, held, HOME_ON_THE_WAY);
  // Gateways look the logins up anew when their clients come back.
  for (const login of held) await announceRevoked(deps, login.keyId, undefined);
  return { ttlDays: (await deps.storage.get(authorizationSettings, { user_id: Number(userId) }))?.ttl_days ?? 0 };
}
