import type { EndLoginsRequest } from '@heliograph/protos/heliograph/auth/v1/login_move_pb';
import type { Deps } from '../deps';
import { endLogin } from '../logins';
import { listLogins } from '../tables/logins';

/** Ends the logins here of a user who lives in another DC, as asked there; what was imported from them ends with them. Idempotent. */
export async function endLogins(deps: Deps, { userId, exceptKeyId }: Pick<EndLoginsRequest, 'userId' | 'exceptKeyId'>): Promise<object> {
  const logins = await listLogins(deps.storage, Number(userId), Math.floor(deps.clock.now() / 1000));
  for (const login of logins) if (login.parentKey === 0n && login.homeDc !== deps.dc && login.keyId !== exceptKeyId) await endLogin(deps, login);
  return {};
}
