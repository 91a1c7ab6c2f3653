import type { Method } from '@heliograph/client-api/method';
import { RpcError } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { endLogin, endLoginsElsewhere, requireLogin } from '../../logins';
import { listLogins } from '../../tables/logins';

/** Ends all of the user's logins but the caller's (docs: core.telegram.org/method/auth.resetAuthorizations). */
export const resetAuthorizations: Method<Deps, 'auth.resetAuthorizations'> = async (deps, caller) => {
  const own = await requireLogin(deps, caller);
  if (own.createdAt + deps.config.freshLoginSeconds > caller.date) throw new RpcError(406, 'FRESH_RESET_AUTHORISATION_FORBIDDEN');
  const all = await listLogins(deps.storage, caller.userId, caller.date);
  for (const login of all) {
    // Imported logins end with the one that they came from.
    if (login.keyId !== own.keyId && login.parentKey === 0n) await endLogin(deps, login, { revoked: true });
  }
  await endLoginsElsewhere(deps, caller.userId, own.parentKey);
  return true;
};
