import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { editableName, isNamed } from '../../messages/public-name';

/**
 * Puts the active names of a channel in another order, all of which are to be named (docs: core.telegram.org/method/channels.reorderUsernames). Of one there is no other order. Throws
 * USERNAME_NOT_MODIFIED, USERNAME_INVALID, CHAT_ADMIN_REQUIRED.
 */
export const reorderUsernames: Method<Deps, 'channels.reorderUsernames'> = async (deps, caller, { channel, order }) => {
  const name = await editableName(deps, caller, channel);
  const same = name === '' ? order.length === 0 : order.length === 1 && isNamed(name, order[0] ?? '');
  throw badRequest(same ? 'USERNAME_NOT_MODIFIED' : 'USERNAME_INVALID');
};
