import type { Method } from '@heliograph/client-api/method';
import { normalisePhone } from '@heliograph/client-api/phone';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import { deliverCode } from '../../code-delivery';
import type { Deps } from '../../deps';
import { limitCodes } from '../../flood';
import { CODE_SENDS_PER_HASH_MAX } from '../../limits';
import { permanentKey } from '../../logins';
import { requirePendingCode } from '../../pending-codes';

/** Sends a new code the next way, which is always SMS; the earlier code ends (docs: core.telegram.org/method/auth.resendCode). */
export const resendCode: Method<Deps, 'auth.resendCode'> = async (deps, caller, request) => {
  const phone = normalisePhone(request.phone_number);
  if (phone === undefined) throw badRequest('PHONE_NUMBER_INVALID');
  if (request.phone_code_hash === '') throw badRequest('PHONE_CODE_HASH_EMPTY');
  const pending = await requirePendingCode(deps, phone, request.phone_code_hash, permanentKey(caller));
  if (pending.verified) throw badRequest('PHONE_CODE_EXPIRED');
  if (pending.sends >= CODE_SENDS_PER_HASH_MAX) throw new RpcError(406, 'SEND_CODE_UNAVAILABLE');
  await limitCodes(deps, caller.ip, phone);
  return deliverCode(deps, caller, { phone, hash: request.phone_code_hash, userId: 0, sends: pending.sends + 1, sms: true });
};
