import { isChannelBox } from '@heliograph/box/box-id';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { clearHistory } from '../../messages/clear-history';
import { namedPeer } from '../../messages/peer';

/**
 * Deletes a chat's messages up to max_id (0: all) or in a span of dates, with `revoke` for both sides; `just_clear` keeps the
 * emptied dialog (docs: core.telegram.org/method/messages.deleteHistory). A long chat takes several calls: while the answer's
 * `offset` is positive, clients ask again.
 */
export const deleteHistory: Method<Deps, 'messages.deleteHistory'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  // channels.deleteHistory is for those.
  if (isChannelBox(peer)) throw badRequest('PEER_ID_INVALID');
  return clearHistory(deps, caller, {
    peer: BigInt(peer), maxId: Math.max(request.max_id, 0), justClear: request.just_clear ?? false, revoke: request.revoke ?? false, minDate: request.min_date ?? 0, maxDate: request.max_date ?? 0,
  });
};
