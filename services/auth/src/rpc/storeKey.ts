import type { StoreKeyRequest } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../deps';
import { storeAuthKey } from '../tables/auth-keys';
import { storeTempKey } from '../temp-keys';

const AUTH_KEY_BYTES = 256;

/** Keeps a key that a handshake made: permanent ones durably, temporary ones in memory until they expire. */
export async function storeKey(deps: Deps, request: StoreKeyRequest): Promise<{ stored: boolean }> {
  if (request.authKey.length !== AUTH_KEY_BYTES || request.expiresIn < 0) throw new CallError('INVALID_ARGUMENT', 'an auth key has 256 bytes and a lifetime of at least 0 s');
  const stored = request.expiresIn === 0
    ? await storeAuthKey(deps, request.authKeyId, request.authKey)
    : await storeTempKey(deps, request.authKeyId, request.authKey, request.expiresIn);
  return { stored };
}
