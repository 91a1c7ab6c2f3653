import type { AcceptLoginTokenRequest, AcceptLoginTokenResponseSchema } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import { AcceptLoginTokenResponse_Outcome as Outcome } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Deps } from '../deps';
import { acceptToken } from '../login-tokens';
import { pushLoginToken } from '../pushes';
import { findKeyClients } from '../tables/key-clients';

/** A user accepted a QR token that this DC issued; the waiting client is told to ask again. */
export async function acceptLoginToken(deps: Deps, request: Pick<AcceptLoginTokenRequest, 'token' | 'userId' | 'dc' | 'exported'>): Promise<MessageInitShape<typeof AcceptLoginTokenResponseSchema>> {
  const { outcome, keyId } = await acceptToken(deps, request.token, { userId: Number(request.userId), dc: request.dc, exported: request.exported });
  if (outcome !== Outcome.ACCEPTED) return { outcome };
  await pushLoginToken(deps, keyId);
  const [client] = await findKeyClients(deps, [keyId]);
  const date = Math.floor(deps.clock.now() / 1000);
  return { outcome, login: { authKeyId: keyId, createdAt: date, activeAt: client?.activeAt ?? date, deviceModel: client?.facts.deviceModel ?? '', client: client?.facts } };
}
