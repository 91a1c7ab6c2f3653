import { ON_THE_WAY_SECONDS } from '@heliograph/client-api/answered-elsewhere';
import type { Method } from '@heliograph/client-api/method';
import { normalisePhone } from '@heliograph/client-api/phone';
import { badRequest, floodWait } from '@heliograph/client-api/rpc-error';
import { authorize } from '../../authorization';
import type { Deps } from '../../deps';
import { permanentKey } from '../../logins';
import { allowSignUp, takeCode } from '../../pending-codes';

/**
 * Logs in with a code. A number that nobody has answers auth.authorizationSignUpRequired, and auth.signUp may follow
 * (docs: core.telegram.org/method/auth.signIn).
 */
export const signIn: Method<Deps, 'auth.signIn'> = async (deps, caller, request) => {
  const phone = normalisePhone(request.phone_number);
  if (phone === undefined) throw badRequest('PHONE_NUMBER_INVALID');
  if (!request.phone_code) throw badRequest('PHONE_CODE_EMPTY');
  if (request.phone_code_hash === '') throw badRequest('PHONE_CODE_HASH_EMPTY');
  const keyId = permanentKey(caller);
  await takeCode(deps, { phone, hash: request.phone_code_hash, code: request.phone_code.trim(), keyId });

  const { userId, dc, moving } = await deps.users.findByPhone({ phone });
  if (moving) throw floodWait(ON_THE_WAY_SECONDS);
  if (userId === 0n) {
    await allowSignUp(deps, phone, request.phone_code_hash, keyId);
    return { _: 'auth.authorizationSignUpRequired' };
  }
  return authorize(deps, caller, { userId: Number(userId), bot: false, parentKey: 0n, homeDc: dc || undefined });
};
