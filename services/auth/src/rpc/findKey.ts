import type { FindKeyRequest, FindKeyResponseSchema } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Deps } from '../deps';
import { activeLogin } from '../logins';
import { isRevoked } from '../revoked-logins';
import type { Login } from '../tables/logins';
import { findAuthKey } from '../tables/auth-keys';
import { findBinding, findTempKey } from '../temp-keys';

/** A key with what it is bound to and who is logged in with it. */
export async function findKey(deps: Deps, { authKeyId }: Pick<FindKeyRequest, 'authKeyId'>): Promise<MessageInitShape<typeof FindKeyResponseSchema>> {
  const asTemporary = findTempKey(deps, authKeyId);
  // Who has a permanent key comes back while the ephemeral store is lost.
  asTemporary.catch(() => {});
  const permanent = await findAuthKey(deps, authKeyId);
  if (permanent) {
    const { login, layer } = await activeLogin(deps, authKeyId);
    return { found: true, authKey: permanent, expiresAt: 0, permanentKeyId: authKeyId, userId: BigInt(login?.userId ?? 0), bot: login?.bot ?? false, layer, homeDc: homeOf(login), revoked: !login && (await isRevoked(deps, authKeyId)) };
  }
  const temporary = await asTemporary;
  if (!temporary) return { found: false };
  const binding = await findBinding(deps, authKeyId);
  const bound = binding && (await activeLogin(deps, binding.permanentKeyId));
  return {
    found: true, authKey: temporary.key, expiresAt: temporary.expiresAt, permanentKeyId: binding?.permanentKeyId ?? 0n,
    userId: BigInt(bound?.login?.userId ?? 0), bot: bound?.login?.bot ?? false, layer: bound?.layer ?? 0, homeDc: homeOf(bound?.login),
    revoked: binding !== undefined && !bound?.login && (await isRevoked(deps, binding.permanentKeyId)),
  };
}

const homeOf = (login: Login | undefined): number => login?.homeDc ?? 0;
