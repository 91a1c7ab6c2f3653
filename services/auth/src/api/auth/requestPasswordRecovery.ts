import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';

/** No account has a password to recover (docs: core.telegram.org/method/auth.requestPasswordRecovery). */
export const requestPasswordRecovery: Method<Deps, 'auth.requestPasswordRecovery'> = async () => {
  throw badRequest('PASSWORD_EMPTY');
};
