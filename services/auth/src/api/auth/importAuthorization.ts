import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { authorize } from '../../authorization';
import type { Deps } from '../../deps';
import { tokenDc } from '../../login-exports';
import { OTHER_DC_DEADLINE_MS } from '../../limits';
import { endLogin, permanentKey } from '../../logins';
import { loginLasts } from '../../rpc/loginLasts';
import { redeemExport } from '../../rpc/redeemExport';

/** Logs the caller's key in with what auth.exportAuthorization gave at another DC (docs: core.telegram.org/method/auth.importAuthorization). */
export const importAuthorization: Method<Deps, 'auth.importAuthorization'> = async (deps, caller, request) => {
  permanentKey(caller);
  const issuer = tokenDc(request.bytes);
  if (issuer === undefined || !deps.dcIds.includes(issuer)) throw badRequest('AUTH_BYTES_INVALID');
  const query = { token: request.bytes, dc: deps.dc };
  const here = issuer === deps.dc;
  const exported = here ? await redeemExport(deps, query) : await deps.otherDcs.call(issuer, () => deps.authOf(issuer).redeemExport(query, { deadlineMs: OTHER_DC_DEADLINE_MS }));
  const userId = Number(exported.userId ?? 0n);
  if (userId === 0 || BigInt(userId) !== request.id) throw badRequest('AUTH_BYTES_INVALID');
  const parentKey = exported.parentKeyId ?? 0n;
  const authorization = await authorize(deps, caller, { userId, bot: exported.bot ?? false, parentKey, homeDc: exported.homeDc || undefined });
  // The login it came from may have ended between the redemption and the row written here: then whoever ended it found no import to end.
  const question = { userId: BigInt(userId), authKeyId: parentKey };
  const lasts = parentKey === 0n || (await (here ? loginLasts(deps, question) : deps.authOf(issuer).loginLasts(question, { deadlineMs: OTHER_DC_DEADLINE_MS })).catch(() => ({ lasts: false }))).lasts;
  if (lasts) return authorization;
  await endLogin(deps, { keyId: permanentKey(caller), userId, parentKey }, { exceptSession: caller.sessionId });
  caller.changeSession({ case: 'loggedOut', value: {} });
  throw badRequest('AUTH_BYTES_INVALID');
};
