import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { namedGroup } from '../../messages/group-view';
import { isChannel, openChannel } from '../../messages/named-channel';

/**
 * Hands a chat over to somebody else, which takes 2-step verification: as long as nobody can set that up, its creator is told PASSWORD_MISSING
 * (docs: core.telegram.org/method/channels.editCreator). Throws CHAT_ADMIN_REQUIRED for others.
 */
export const editChatCreator: Method<Deps, 'messages.editChatCreator'> = async (deps, caller, request) => {
  deps.peers.user(caller.userId, request.user_id);
  const { creator } = isChannel(request.peer) ? (await openChannel(deps, caller, request.peer)).record : (await namedGroup(deps, caller, request.peer)).view;
  throw badRequest(Number(creator) === caller.userId ? 'PASSWORD_MISSING' : 'CHAT_ADMIN_REQUIRED');
};
