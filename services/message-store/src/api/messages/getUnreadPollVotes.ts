import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { noMessages } from '../../messages/answer';
import { namedPeer } from '../../messages/peer';
import { unreadMessages } from '../../messages/unread-reactions';

/** The caller's polls with votes that were not seen (docs: core.telegram.org/method/messages.getUnreadPollVotes). */
export const getUnreadPollVotes: Method<Deps, 'messages.getUnreadPollVotes'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  if (request.top_msg_id !== undefined) return noMessages();
  const reader = await deps.engine.read(caller.userId);
  return unreadMessages(deps, caller, reader, reader.dialog(peer)?.unreadVotes, request);
};
