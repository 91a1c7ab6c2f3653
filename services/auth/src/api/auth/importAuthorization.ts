import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { authorize } from '../../authorization';
import type { Deps } from '../../deps';
import { tokenDc } from '../../login-exports';
import { permanentKey } from '../../logins';
import { redeemExport } from '../../rpc/redeemExport';

/** Logs the caller's key in with what auth.exportAuthorization gave at another DC (docs: core.telegram.org/method/auth.importAuthorization). */
export const importAuthorization: Method<Deps, 'auth.importAuthorization'> = async (deps, caller, request) => {
  permanentKey(caller);
  const issuer = tokenDc(request.bytes);
  if (issuer === undefined || !deps.dcIds.includes(issuer)) throw badRequest('AUTH_BYTES_INVALID');
  const query = { token: request.bytes, dc: deps.dc };
  const exported = issuer === deps.dc ? await redeemExport(deps, query) : await deps.authOf(issuer).redeemExport(query);
  const userId = Number(exported.userId ?? 0n);
  if (userId === 0 || BigInt(userId) !== request.id) throw badRequest('AUTH_BYTES_INVALID');
  return authorize(deps, caller, { userId, bot: exported.bot ?? false, parentKey: exported.parentKeyId ?? 0n });
};
