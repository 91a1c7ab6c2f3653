import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { noMessages } from '../../messages/answer';
import { namedPeer } from '../../messages/peer';

/** Scheduled messages are not built: none waits (docs: core.telegram.org/method/messages.getScheduledMessages). */
export const getScheduledMessages: Method<Deps, 'messages.getScheduledMessages'> = async (deps, caller, request) => {
  await namedPeer(deps, caller, request.peer);
  return noMessages();
};
