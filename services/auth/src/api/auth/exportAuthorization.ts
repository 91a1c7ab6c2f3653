import { ON_THE_WAY_SECONDS } from '@heliograph/client-api/answered-elsewhere';
import { HOME_ON_THE_WAY } from '@heliograph/client-api/home-dc';
import type { Method } from '@heliograph/client-api/method';
import { badRequest, floodWait, RpcError } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { exportLogin } from '../../login-exports';
import { requireLogin } from '../../logins';
import { writeExport } from '../../tables/exported-logins';

/**
 * Gives the caller bytes that log another key in at DC `dc_id` as the same user, once, soon (docs: core.telegram.org/method/auth.exportAuthorization).
 * NOTSPEC: the own DC is accepted too, for clients that open separate connections to it.
 */
export const exportAuthorization: Method<Deps, 'auth.exportAuthorization'> = async (deps, caller, request) => {
  if (!deps.dcIds.includes(request.dc_id)) throw badRequest('DC_ID_INVALID');
  const login = await requireLogin(deps, caller);
  if (login.homeDc === HOME_ON_THE_WAY) throw floodWait(ON_THE_WAY_SECONDS);
  if (login.homeDc !== deps.dc) {
    // Who moved away takes the login along, as one of its own; everything else is exported where the user lives.
    if (login.parentKey !== 0n || request.dc_id !== login.homeDc) throw new RpcError(303, `USER_MIGRATE_${login.homeDc}`);
    return { _: 'auth.exportedAuthorization', id: BigInt(login.userId), bytes: await exportLogin(deps, { userId: BigInt(login.userId), bot: login.bot, dc: request.dc_id, parentKeyId: 0n }) };
  }
  // What is exported from an imported login ends with the login that both came from.
  const parentKeyId = login.parentKey === 0n ? login.keyId : login.parentKey;
  // Noted before anybody can import it, so that the login's end reaches every import.
  if (request.dc_id !== deps.dc) await writeExport(deps.storage, parentKeyId, request.dc_id, caller.date);
  const bytes = await exportLogin(deps, { userId: BigInt(login.userId), bot: login.bot, dc: request.dc_id, parentKeyId });
  return { _: 'auth.exportedAuthorization', id: BigInt(login.userId), bytes };
};
