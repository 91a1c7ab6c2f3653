import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { namedPeer } from '../../messages/peer';

/** Polls are not built: nothing changes (docs: core.telegram.org/method/messages.readPollVotes). */
export const readPollVotes: Method<Deps, 'messages.readPollVotes'> = async (deps, caller, request) => {
  await namedPeer(deps, caller, request.peer);
  const { pts } = (await deps.engine.read(caller.userId)).head();
  return { _: 'messages.affectedHistory', pts, pts_count: 0, offset: 0 };
};
