import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { loginHash } from '../../domain/session-view';
import { requireLogin } from '../../logins';
import { listLogins, setLoginSettings } from '../../tables/logins';

/** Whether a session takes calls and secret chats; hash 0 is the caller's own (docs: core.telegram.org/method/account.changeAuthorizationSettings). */
export const changeAuthorizationSettings: Method<Deps, 'account.changeAuthorizationSettings'> = async (deps, caller, request) => {
  const own = await requireLogin(deps, caller);
  const all = request.hash === 0n ? [own] : await listLogins(deps.storage, caller.userId, caller.date);
  const login = request.hash === 0n ? own : all.find((candidate) => loginHash(deps.codeSecret, candidate) === request.hash);
  if (!login) throw badRequest('HASH_INVALID');
  await setLoginSettings(deps.storage, login.keyId, {
    noSecretChats: request.encrypted_requests_disabled, noCalls: request.call_requests_disabled, unconfirmed: request.confirmed === true ? false : undefined,
  });
  return true;
};
