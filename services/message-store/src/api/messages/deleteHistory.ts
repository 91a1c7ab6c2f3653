import { isChannelBox } from '@heliograph/box/box-id';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { DELETE_HISTORY_COMMANDS, DELETE_HISTORY_MESSAGES } from '../../limits';
import { namedPeer } from '../../messages/peer';
import { submit } from '../../messages/submit';

/**
 * Deletes a chat's messages up to max_id (0: all) or in a span of dates, with `revoke` for both sides; `just_clear` keeps the
 * emptied dialog (docs: core.telegram.org/method/messages.deleteHistory). A long chat takes several calls: while the answer's
 * `offset` is positive, clients ask again.
 */
export const deleteHistory: Method<Deps, 'messages.deleteHistory'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  // channels.deleteHistory is for those.
  if (isChannelBox(peer)) throw badRequest('PEER_ID_INVALID');
  let pts = (await deps.engine.read(caller.userId)).head().pts;
  let ptsCount = 0;
  let more = true;
  for (let run = 0; more && run < DELETE_HISTORY_COMMANDS; run += 1) {
    const outcome = await submit(deps, caller, {
      case: 'deleteHistory',
      value: {
        peer: BigInt(peer),
        maxId: Math.max(request.max_id, 0),
        justClear: request.just_clear ?? false,
        revoke: request.revoke ?? false,
        limit: DELETE_HISTORY_MESSAGES,
        minDate: request.min_date ?? 0,
        maxDate: request.max_date ?? 0,
      },
    });
    pts = outcome.pts;
    // Changes that came in between are not counted: the client sees the gap and fetches them.
    ptsCount += outcome.ptsCount;
    more = outcome.more ?? false;
  }
  return { _: 'messages.affectedHistory', pts, pts_count: ptsCount, offset: more ? 1 : 0 };
};
