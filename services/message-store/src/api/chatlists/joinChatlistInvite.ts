import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { chatsNamed, findShared, namedLink } from '../../messages/chatlists';
import { joinShared } from '../../messages/join-chatlist';

/**
 * Joins chats that a link shares, and puts them into a folder of the caller's (docs: core.telegram.org/method/chatlists.joinChatlistInvite). Chats that it doesn't share are passed over.
 * Throws INVITE_SLUG_EMPTY, INVITE_SLUG_EXPIRED, and what `joinShared` does.
 */
export const joinChatlistInvite: Method<Deps, 'chatlists.joinChatlistInvite'> = async (deps, caller, request) => {
  const shared = await findShared(deps, await namedLink(deps, request.slug));
  if (!shared) throw badRequest('INVITE_SLUG_EXPIRED');
  const wanted = await chatsNamed(deps, caller, request.peers);
  return joinShared(deps, caller, shared, wanted.filter((box) => shared.channels.includes(box)));
};
