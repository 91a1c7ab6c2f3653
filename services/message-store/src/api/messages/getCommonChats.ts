import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Groups are not built: none is in common (docs: core.telegram.org/method/messages.getCommonChats). */
export const getCommonChats: Method<Deps, 'messages.getCommonChats'> = async (deps, caller, request) => {
  deps.peers.user(caller.userId, request.user_id);
  return { _: 'messages.chats', chats: [] };
};
