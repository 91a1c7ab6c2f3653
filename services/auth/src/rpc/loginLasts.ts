import type { LoginLastsRequest } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import type { Deps } from '../deps';
import { findLogin } from '../tables/logins';

/** Whether that key is still logged in as that user. */
export async function loginLasts(deps: Pick<Deps, 'storage'>, { userId, authKeyId }: Pick<LoginLastsRequest, 'userId' | 'authKeyId'>): Promise<{ lasts: boolean }> {
  return { lasts: (await findLogin(deps.storage, authKeyId))?.userId === Number(userId) };
}
