import { isChannelBox } from '@heliograph/box/box-id';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { namedPeer } from '../../messages/peer';
import { submit } from '../../messages/submit';

/** Marks incoming messages up to max_id (0: all) as read, which the author is told (docs: core.telegram.org/method/messages.readHistory). */
export const readHistory: Method<Deps, 'messages.readHistory'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  // channels.readHistory is for those.
  if (isChannelBox(peer)) throw badRequest('PEER_ID_INVALID');
  const reader = await deps.engine.read(caller.userId);
  const dialog = reader.dialog(peer);
  if (!dialog) return { _: 'messages.affectedMessages', pts: reader.head().pts, pts_count: 0 };
  // What was incoming counts though it was deleted: an emptied dialog read to its last message is not read to whatever comes meanwhile.
  const last = Math.max(dialog.topId, dialog.lastIncomingId);
  const maxId = request.max_id > 0 ? Math.min(request.max_id, last) : last;
  const outcome = await submit(deps, caller, { case: 'readInbox', value: { peer: BigInt(peer), maxId } });
  return { _: 'messages.affectedMessages', pts: outcome.pts, pts_count: outcome.ptsCount };
};
