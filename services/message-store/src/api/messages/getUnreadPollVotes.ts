import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { noMessages } from '../../messages/answer';
import { namedPeer } from '../../messages/peer';

/** Polls are not built: no vote is unread (docs: core.telegram.org/method/messages.getUnreadPollVotes). */
export const getUnreadPollVotes: Method<Deps, 'messages.getUnreadPollVotes'> = async (deps, caller, request) => {
  await namedPeer(deps, caller, request.peer);
  return noMessages();
};
