import type { Method } from '@heliograph/client-api/method';
import { normalisePhone } from '@heliograph/client-api/phone';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { permanentKey } from '../../logins';
import { deletePendingCode, requirePendingCode } from '../../pending-codes';

/** Makes a code that was sent worthless (docs: core.telegram.org/method/auth.cancelCode). */
export const cancelCode: Method<Deps, 'auth.cancelCode'> = async (deps, caller, request) => {
  const phone = normalisePhone(request.phone_number);
  if (phone === undefined) throw badRequest('PHONE_NUMBER_INVALID');
  await requirePendingCode(deps, phone, request.phone_code_hash, permanentKey(caller));
  await deletePendingCode(deps, request.phone_code_hash);
  return true;
};
