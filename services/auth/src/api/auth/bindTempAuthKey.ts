import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { isBindingValid, openBindingMessage } from '@heliograph/mtproto/packet/binding-message';
import type { Deps } from '../../deps';
import { activeLogin } from '../../logins';
import { findAuthKey } from '../../tables/auth-keys';
import { bindTempKey, findBinding, findTempKey } from '../../temp-keys';

/**
 * Binds the temporary key that the query came under to a permanent one, proven by a message under the permanent key that names both, this
 * session and the end (docs: core.telegram.org/method/auth.bindTempAuthKey). Every flaw in the proof is the same ENCRYPTED_MESSAGE_INVALID.
 */
export const bindTempAuthKey: Method<Deps, 'auth.bindTempAuthKey'> = async (deps, caller, request) => {
  const temporaryKeyId = caller.tempAuthKeyId;
  if (temporaryKeyId === 0n) throw badRequest('TEMP_AUTH_KEY_EMPTY');
  if (request.expires_at <= caller.date) throw badRequest('EXPIRES_AT_INVALID');
  const permanentKeyId = BigInt.asUintN(64, request.perm_auth_key_id);
  const [permanent, temporary, earlier] = await Promise.all([findAuthKey(deps, permanentKeyId), findTempKey(deps, temporaryKeyId), findBinding(deps, temporaryKeyId)]);
  if (!temporary) throw badRequest('TEMP_AUTH_KEY_EMPTY');
  const inner = permanent && openBindingMessage(permanent, request.encrypted_message);
  const claim = {
    permanentKeyId, nonce: request.nonce, expiresAt: request.expires_at, messageId: caller.messageId, temporaryKeyId, temporarySessionId: caller.sessionId,
  };
  if (!inner || !isBindingValid(inner, claim, deps.clock.now())) throw badRequest('ENCRYPTED_MESSAGE_INVALID');
  if (earlier && earlier.permanentKeyId !== permanentKeyId) throw badRequest('TEMP_AUTH_KEY_ALREADY_BOUND');

  // The binding cannot outlive the key, whatever the client wishes.
  await bindTempKey(deps, temporaryKeyId, { permanentKeyId, expiresAt: Math.min(request.expires_at, temporary.expiresAt) });
  const { login } = await activeLogin(deps, permanentKeyId);
  caller.changeSession({ case: 'boundTempKey', value: { authKeyId: permanentKeyId, userId: BigInt(login?.userId ?? 0), bot: login?.bot ?? false, homeDc: login?.homeDc ?? 0 } });
  return true;
};
