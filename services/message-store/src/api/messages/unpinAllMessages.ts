import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { isChannelBox, isGroupBox } from '@heliograph/box/box-id';
import { submitAct } from '../../messages/group-act';
import { isEmptyPart, namedPeer } from '../../messages/peer';
import { submit } from '../../messages/submit';

/** Lets go all pinned messages of a chat, for everybody in it (docs: core.telegram.org/method/messages.unpinAllMessages). */
export const unpinAllMessages: Method<Deps, 'messages.unpinAllMessages'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  if (isEmptyPart(deps, caller, request.saved_peer_id)) return { _: 'messages.affectedHistory', pts: (await deps.engine.read(caller.userId)).head().pts, pts_count: 0, offset: 0 };
  if (isChannelBox(peer)) {
    const { pts, ptsCount } = await deps.channels.act(caller, peer, { act: { case: 'unpinAll', value: {} } });
    return { _: 'messages.affectedHistory', pts, pts_count: ptsCount, offset: 0 };
  }
  const outcome = isGroupBox(peer) ? await submitAct(deps, caller, -peer, { case: 'unpinAll', value: {} }) : await submit(deps, caller, { case: 'unpinAll', value: { peer: BigInt(peer) } });
  return { _: 'messages.affectedHistory', pts: outcome.pts, pts_count: outcome.ptsCount, offset: 0 };
};
