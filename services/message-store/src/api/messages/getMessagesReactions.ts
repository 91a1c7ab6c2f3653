import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { emptyUpdates } from '../../messages/answer';
import { namedPeer } from '../../messages/peer';

/** Reactions are not built: there are none on any message (docs: core.telegram.org/method/messages.getMessagesReactions). */
export const getMessagesReactions: Method<Deps, 'messages.getMessagesReactions'> = async (deps, caller, request) => {
  await namedPeer(deps, caller, request.peer);
  return emptyUpdates(caller);
};
