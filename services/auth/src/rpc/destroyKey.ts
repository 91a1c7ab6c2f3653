import type { DestroyKeyRequest } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import { EphemeralUnavailable } from '@heliograph/ephemeral/errors';
import type { Deps } from '../deps';
import { announceRevoked, destroyKey as destroyPermanentKey } from '../logins';
import { deleteTempKey } from '../temp-keys';

/**
 * Forgets a key for good; its login ends. While the ephemeral store is lost, a permanent key is forgotten all the same; of another key it is not
 * said that there was none, as it may be a temporary one: EphemeralUnavailable.
 */
export async function destroyKey(deps: Deps, { authKeyId, sessionId }: Pick<DestroyKeyRequest, 'authKeyId' | 'sessionId'>): Promise<{ destroyed: boolean }> {
  const permanent = await destroyPermanentKey(deps, authKeyId, sessionId);
  try {
    const temporary = await deleteTempKey(deps, authKeyId);
    if (temporary) await announceRevoked(deps, authKeyId, sessionId || undefined);
    return { destroyed: temporary || permanent };
  } catch (error) {
    if (permanent && error instanceof EphemeralUnavailable) return { destroyed: true };
    throw error;
  }
}
