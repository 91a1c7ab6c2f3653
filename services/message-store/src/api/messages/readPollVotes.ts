import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { namedPeer } from '../../messages/peer';
import { submit } from '../../messages/submit';

/** Marks all votes in the caller's polls in a chat as seen (docs: core.telegram.org/method/messages.readPollVotes). Threads have none of their own. */
export const readPollVotes: Method<Deps, 'messages.readPollVotes'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  if (request.top_msg_id !== undefined) return { _: 'messages.affectedHistory', pts: (await deps.engine.read(caller.userId)).head().pts, pts_count: 0, offset: 0 };
  const { pts, ptsCount } = await submit(deps, caller, { case: 'readPollVotes', value: { peer: BigInt(peer) } });
  return { _: 'messages.affectedHistory', pts, pts_count: ptsCount, offset: 0 };
};
