import { ON_THE_WAY_SECONDS } from '@heliograph/client-api/answered-elsewhere';
import type { Method } from '@heliograph/client-api/method';
import { normalisePhone } from '@heliograph/client-api/phone';
import { badRequest, floodWait, RpcError } from '@heliograph/client-api/rpc-error';
import { EphemeralUnavailable } from '@heliograph/ephemeral/errors';
import { deliverCode } from '../../code-delivery';
import type { Deps } from '../../deps';
import { networkHome, phoneHome } from '../../domain/phone-home';
import { countOrWait, limitCodes } from '../../flood';
import { CODES_PER_KEY } from '../../limits';
import { permanentKey } from '../../logins';
import { newCodeHash } from '../../pending-codes';

/**
 * Sends a login code to a phone, whether or not somebody has it (docs: core.telegram.org/method/auth.sendCode).
 * 303 PHONE_MIGRATE_X when the number's home is another DC; NETWORK_MIGRATE_X when nothing but the caller's address says where a new user belongs.
 * Both are told while the ephemeral store is lost; a code can't be sent then (500, which clients repeat).
 */
export const sendCode: Method<Deps, 'auth.sendCode'> = async (deps, caller, request) => {
  if (request.api_id <= 0) throw badRequest('API_ID_INVALID');
  const phone = normalisePhone(request.phone_number);
  if (phone === undefined) throw badRequest('PHONE_NUMBER_INVALID');
  const uncounted = await countOrWait(deps.ephemeral, `codes:key:${permanentKey(caller)}`, CODES_PER_KEY).then(() => undefined, unlessRefused);

  const found = await deps.users.findByPhone({ phone });
  if (found.moving) throw floodWait(ON_THE_WAY_SECONDS);
  const home = found.dc || phoneHome(phone, { dcIds: deps.dcIds, ...deps.config });
  if (home !== undefined && home !== deps.dc) throw new RpcError(303, `PHONE_MIGRATE_${home}`);
  const network = home === undefined ? networkHome(caller.ip, deps.config.homeNetworks) : undefined;
  if (network !== undefined && network !== deps.dc) throw new RpcError(303, `NETWORK_MIGRATE_${network}`);

  // Here no code can be kept; where the number has its home, it may.
  if (uncounted !== undefined) throw uncounted;
  await limitCodes(deps, caller.ip, phone);
  return deliverCode(deps, caller, { phone, hash: newCodeHash(deps), userId: Number(found.userId), sends: 1, sms: false });
};

/** The failure to count, where that is for want of the store. Throws what the count said against it. */
function unlessRefused(error: unknown): EphemeralUnavailable {
  if (error instanceof EphemeralUnavailable) return error;
  throw error;
}
