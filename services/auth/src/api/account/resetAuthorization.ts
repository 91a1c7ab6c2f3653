import type { Method } from '@heliograph/client-api/method';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { loginHash } from '../../domain/session-view';
import { endLogin, requireLogin } from '../../logins';
import { listLogins } from '../../tables/logins';

/** Ends one of the user's other sessions (docs: core.telegram.org/method/account.resetAuthorization). */
export const resetAuthorization: Method<Deps, 'account.resetAuthorization'> = async (deps, caller, request) => {
  const own = await requireLogin(deps, caller);
  const all = await listLogins(deps.storage, caller.userId, caller.date);
  const login = all.find((candidate) => candidate.keyId !== own.keyId && loginHash(deps.codeSecret, candidate) === request.hash);
  if (!login) throw badRequest('HASH_INVALID');
  if (own.createdAt + deps.config.freshLoginSeconds > caller.date) throw new RpcError(406, 'FRESH_RESET_AUTHORISATION_FORBIDDEN');
  await endLogin(deps, login, { revoked: true });
  return true;
};
