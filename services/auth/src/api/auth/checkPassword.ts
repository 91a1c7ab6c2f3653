import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';

/** No account has a password while account.updatePasswordSettings is not served, so none is right (docs: core.telegram.org/method/auth.checkPassword). */
export const checkPassword: Method<Deps, 'auth.checkPassword'> = async () => {
  throw badRequest('PASSWORD_HASH_INVALID');
};
