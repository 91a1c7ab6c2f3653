import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { isEmptyPart, namedPeer } from '../../messages/peer';

/** Reactions are not built: there are none to read: nothing changes (docs: core.telegram.org/method/messages.readReactions). */
export const readReactions: Method<Deps, 'messages.readReactions'> = async (deps, caller, request) => {
  await namedPeer(deps, caller, request.peer);
  isEmptyPart(deps, caller, request.saved_peer_id);
  const { pts } = (await deps.engine.read(caller.userId)).head();
  return { _: 'messages.affectedHistory', pts, pts_count: 0, offset: 0 };
};
