import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { submit } from '../../messages/submit';
import { openThread, postOf } from '../../messages/thread';

/**
 * Marks a supergroup's thread (or the comments on a broadcast's post) as read by the caller up to an id, without the rest of the group: other sessions are told so
 * (docs: core.telegram.org/method/messages.readDiscussion). Throws MSG_ID_INVALID.
 * NOTSPEC: authors in the thread don't learn of it (updateReadChannelDiscussionOutbox): that somebody has read them they learn when the group is read.
 */
export const readDiscussion: Method<Deps, 'messages.readDiscussion'> = async (deps, caller, request) => {
  const thread = await openThread(deps, caller, request.peer, request.msg_id);
  const { channel, first } = thread;
  const maxId = Math.min(request.read_max_id, channel.topId);
  await submit(deps, caller, { case: 'readThread', value: { channel: BigInt(channel.box), thread: { id: first.id, maxId, ...postOf(thread) } } });
  return true;
};
