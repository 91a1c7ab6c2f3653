import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { editableName } from '../../messages/public-name';

/** Switches off all collectible names of a channel (docs: core.telegram.org/method/channels.deactivateAllUsernames): it has none. Throws CHAT_NOT_MODIFIED, CHAT_ADMIN_REQUIRED. */
export const deactivateAllUsernames: Method<Deps, 'channels.deactivateAllUsernames'> = async (deps, caller, request) => {
  await editableName(deps, caller, request.channel);
  throw badRequest('CHAT_NOT_MODIFIED');
};
