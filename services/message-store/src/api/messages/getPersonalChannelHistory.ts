import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { noMessages } from '../../messages/answer';

/** Channels are not built: nobody shows one in the profile (docs: core.telegram.org/method/messages.getPersonalChannelHistory). */
export const getPersonalChannelHistory: Method<Deps, 'messages.getPersonalChannelHistory'> = async (deps, caller, request) => {
  deps.peers.user(caller.userId, request.user_id);
  return noMessages();
};
