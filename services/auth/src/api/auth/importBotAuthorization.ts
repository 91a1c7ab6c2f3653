import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';

/** No bot exists while @BotFather is not served, so no token is known (docs: core.telegram.org/method/auth.importBotAuthorization). */
export const importBotAuthorization: Method<Deps, 'auth.importBotAuthorization'> = async (_deps, _caller, request) => {
  if (request.api_id <= 0) throw badRequest('API_ID_INVALID');
  throw badRequest('ACCESS_TOKEN_INVALID');
};
