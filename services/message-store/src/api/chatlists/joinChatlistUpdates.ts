import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { chatsNamed, findShared, getChatlist, readFilters } from '../../messages/chatlists';
import { joinShared } from '../../messages/join-chatlist';

/**
 * Joins chats of a list that the caller joined before (docs: core.telegram.org/method/chatlists.joinChatlistUpdates). Throws FILTER_ID_INVALID, FILTER_NOT_SUPPORTED (his own list),
 * FILTER_INCLUDE_EMPTY (it shares none of them, or is shared no more), and what `joinShared` does.
 */
export const joinChatlistUpdates: Method<Deps, 'chatlists.joinChatlistUpdates'> = async (deps, caller, request) => {
  const { joined } = getChatlist(await readFilters(deps, caller), request.chatlist);
  if (!joined) throw badRequest('FILTER_NOT_SUPPORTED');
  const wanted = await chatsNamed(deps, caller, request.peers);
  const shared = await findShared(deps, joined);
  if (!shared) throw badRequest('FILTER_INCLUDE_EMPTY');
  return joinShared(deps, caller, shared, wanted.filter((box) => shared.channels.includes(box)));
};
