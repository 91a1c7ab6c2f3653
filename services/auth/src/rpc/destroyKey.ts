import type { DestroyKeyRequest } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import type { Deps } from '../deps';
import { destroyKey as destroyPermanentKey } from '../logins';
import { deleteTempKey } from '../temp-keys';

/** Forgets a key for good; its login ends. */
export async function destroyKey(deps: Deps, { authKeyId, sessionId }: Pick<DestroyKeyRequest, 'authKeyId' | 'sessionId'>): Promise<{ destroyed: boolean }> {
  const temporary = await deleteTempKey(deps, authKeyId);
  const permanent = await destroyPermanentKey(deps, authKeyId, sessionId);
  return { destroyed: temporary || permanent };
}
