import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { authorize } from '../../authorization';
import type { Deps } from '../../deps';
import { tokenDc } from '../../login-exports';
import { permanentKey } from '../../logins';
import { redeemExport } from '../../rpc/redeemExport';

/** Ends a QR login at the user's home DC, where auth.loginTokenMigrateTo sent the client (docs: core.telegram.org/method/auth.importLoginToken). */
export const importLoginToken: Method<Deps, 'auth.importLoginToken'> = async (deps, caller, request) => {
  permanentKey(caller);
  if (tokenDc(request.token) !== deps.dc) throw badRequest('AUTH_TOKEN_INVALID');
  const exported = await redeemExport(deps, { token: request.token, dc: deps.dc });
  // A token of auth.exportAuthorization has a parent and is no login of its own.
  if (!exported.userId || exported.parentKeyId !== 0n) throw badRequest('AUTH_TOKEN_EXPIRED');
  return { _: 'auth.loginTokenSuccess', authorization: await authorize(deps, caller, { userId: Number(exported.userId), bot: false, parentKey: 0n, homeDc: deps.dc }) };
};
