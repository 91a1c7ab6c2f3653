import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { openThread } from '../../messages/thread';

/**
 * Marks a thread as read (docs: core.telegram.org/method/messages.readDiscussion). Throws MSG_ID_INVALID.
 * NOTSPEC: threads have no read marks of their own, and what is read in one is no reason to move the group's.
 */
export const readDiscussion: Method<Deps, 'messages.readDiscussion'> = async (deps, caller, request) => {
  await openThread(deps, caller, request.peer, request.msg_id);
  return true;
};
