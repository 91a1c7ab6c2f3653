import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { isEmptyPart, namedPeer } from '../../messages/peer';
import { submit } from '../../messages/submit';

/** Marks all reactions to the caller's messages in a chat as seen (docs: core.telegram.org/method/messages.readReactions). Threads have none of their own. */
export const readReactions: Method<Deps, 'messages.readReactions'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  const nothing = isEmptyPart(deps, caller, request.saved_peer_id) || request.top_msg_id !== undefined;
  if (nothing) return { _: 'messages.affectedHistory', pts: (await deps.engine.read(caller.userId)).head().pts, pts_count: 0, offset: 0 };
  const { pts, ptsCount } = await submit(deps, caller, { case: 'readReactions', value: { peer: BigInt(peer) } });
  return { _: 'messages.affectedHistory', pts, pts_count: ptsCount, offset: 0 };
};
