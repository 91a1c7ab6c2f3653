import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { editableName, isNamed } from '../../messages/public-name';

/**
 * Switches a collectible name of a channel on or off (docs: core.telegram.org/method/channels.toggleUsername). The editable one is always on, and others there are not. Throws
 * USERNAME_NOT_MODIFIED, USERNAME_INVALID, CHAT_ADMIN_REQUIRED.
 */
export const toggleUsername: Method<Deps, 'channels.toggleUsername'> = async (deps, caller, request) => {
  const name = await editableName(deps, caller, request.channel);
  throw badRequest(isNamed(name, request.username) && request.active ? 'USERNAME_NOT_MODIFIED' : 'USERNAME_INVALID');
};
