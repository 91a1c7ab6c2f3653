import { create } from '@bufbuild/protobuf';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { AcceptLoginTokenResponse_Outcome as Outcome, AcceptLoginTokenResponseSchema } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import type { Deps } from '../../deps';
import { authorizationOf } from '../../domain/session-view';
import { exportLogin, tokenDc } from '../../login-exports';
import { requireLogin } from '../../logins';
import { acceptLoginToken as acceptHere } from '../../rpc/acceptLoginToken';

const REFUSALS: Partial<Record<Outcome, string>> = {
  [Outcome.UNKNOWN_TOKEN]: 'AUTH_TOKEN_INVALIDX',
  [Outcome.EXPIRED]: 'AUTH_TOKEN_EXPIRED',
  [Outcome.ALREADY_ACCEPTED]: 'AUTH_TOKEN_ALREADY_ACCEPTED',
  [Outcome.EXCEPTED]: 'AUTH_TOKEN_EXCEPTION',
};

/** Lets the client that shows a QR token log in as the caller (docs: core.telegram.org/method/auth.acceptLoginToken). */
export const acceptLoginToken: Method<Deps, 'auth.acceptLoginToken'> = async (deps, caller, request) => {
  const login = await requireLogin(deps, caller);
  const issuer = tokenDc(request.token);
  if (issuer === undefined || !deps.dcIds.includes(issuer)) throw badRequest('AUTH_TOKEN_INVALIDX');
  const userId = BigInt(login.userId);
  const accepted = create(AcceptLoginTokenResponseSchema, issuer === deps.dc
    ? await acceptHere(deps, { token: request.token, userId, dc: deps.dc, exported: new Uint8Array(0) })
    : await deps.authOf(issuer).acceptLoginToken({
      token: request.token, userId, dc: deps.dc, exported: await exportLogin(deps, { userId, bot: false, dc: deps.dc, parentKeyId: 0n }),
    }));
  const refusal = REFUSALS[accepted.outcome];
  if (refusal !== undefined) throw badRequest(refusal);
  const there = accepted.login;
  return authorizationOf({
    current: false, hash: 0n, createdAt: caller.date, activeAt: there?.activeAt ?? caller.date, facts: there?.client, noCalls: false, noSecretChats: false, unconfirmed: false,
  });
};
