import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { authorize } from '../../authorization';
import type { Deps } from '../../deps';
import { LOGIN_TOKEN_EXCEPT_IDS_MAX } from '../../limits';
import { findShownToken, showNewToken, takeAcceptedToken } from '../../login-tokens';
import { permanentKey } from '../../logins';

/**
 * A token to show as a QR code; asked again after a logged-in session accepted it, logs in (docs: core.telegram.org/method/auth.exportLoginToken).
 * auth.loginTokenMigrateTo when the user's home is another DC: the client goes on there with auth.importLoginToken.
 */
export const exportLoginToken: Method<Deps, 'auth.exportLoginToken'> = async (deps, caller, request) => {
  if (request.api_id <= 0) throw badRequest('API_ID_INVALID');
  if (request.except_ids.length > LOGIN_TOKEN_EXCEPT_IDS_MAX) throw badRequest('INPUT_REQUEST_INVALID');
  const keyId = permanentKey(caller);
  const shown = await findShownToken(deps, keyId);
  if (shown && shown.record.userId !== 0n && (await takeAcceptedToken(deps, keyId, shown.token))) {
    if (shown.record.dc !== deps.dc) return { _: 'auth.loginTokenMigrateTo', dc_id: shown.record.dc, token: shown.record.exported };
    return { _: 'auth.loginTokenSuccess', authorization: await authorize(deps, caller, { userId: Number(shown.record.userId), bot: false, parentKey: 0n, homeDc: deps.dc }) };
  }
  const good = shown && shown.record.userId === 0n && shown.record.expiresAt > caller.date ? shown : await showNewToken(deps, keyId, request.except_ids);
  return { _: 'auth.loginToken', expires: good.record.expiresAt, token: good.token };
};
