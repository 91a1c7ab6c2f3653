import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { noMessages } from '../../messages/answer';
import { userPeer } from '../../messages/peer';

/** Nobody is mentioned in private chats (docs: core.telegram.org/method/messages.getUnreadMentions). */
export const getUnreadMentions: Method<Deps, 'messages.getUnreadMentions'> = async (deps, caller, request) => {
  userPeer(deps, caller, request.peer);
  return noMessages();
};
