import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { clearHistory } from '../../messages/clear-history';
import { namedPeer, refuseParent } from '../../messages/peer';
import { savedDialog } from '../../messages/saved-dialogs';

/**
 * Deletes a part of Saved Messages up to max_id (0: all), or in a span of dates; while the answer's `offset` is positive, clients ask again
 * (docs: core.telegram.org/method/messages.deleteSavedHistory). Throws PARENT_PEER_INVALID, and as `namedPeer`.
 */
export const deleteSavedHistory: Method<Deps, 'messages.deleteSavedHistory'> = async (deps, caller, request) => {
  refuseParent(request.parent_peer);
  const peer = await namedPeer(deps, caller, request.peer);
  const reader = await deps.engine.read(caller.userId);
  const part = savedDialog(reader, caller.userId, peer);
  if (part === undefined) return { _: 'messages.affectedHistory', pts: reader.head().pts, pts_count: 0, offset: 0 };
  return clearHistory(deps, caller, { peer: part.peer, maxId: Math.max(request.max_id, 0), minDate: request.min_date ?? 0, maxDate: request.max_date ?? 0, justClear: true, revoke: false });
};
