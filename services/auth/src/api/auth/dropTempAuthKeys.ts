import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { DROP_KEYS_EXCEPT_MAX } from '../../limits';
import { permanentKey } from '../../logins';
import { boundTempKeys, deleteTempKey } from '../../temp-keys';

/** Forgets the temporary keys that are bound to the caller's permanent one, but for those named (docs: core.telegram.org/method/auth.dropTempAuthKeys). */
export const dropTempAuthKeys: Method<Deps, 'auth.dropTempAuthKeys'> = async (deps, caller, request) => {
  if (request.except_auth_keys.length > DROP_KEYS_EXCEPT_MAX) throw badRequest('INPUT_REQUEST_INVALID');
  const kept = new Set(request.except_auth_keys.map((id) => BigInt.asUintN(64, id)));
  for (const keyId of await boundTempKeys(deps, permanentKey(caller))) {
    if (kept.has(keyId)) continue;
    await deleteTempKey(deps, keyId);
    await deps.fanout.publish({ pushes: [{ userIds: [], what: { case: 'authKeyRevoked', value: keyId }, exceptSessionId: caller.sessionId, exceptAuthKeyId: caller.authKeyId }] });
  }
  return true;
};
