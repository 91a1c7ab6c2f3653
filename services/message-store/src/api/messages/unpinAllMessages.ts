import type { CallerContext, Method } from '@heliograph/client-api/method';
import type { MessagesAffectedHistory, TypeInputPeer } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { isChannelBox, isGroupBox } from '@heliograph/box/box-id';
import { openPart } from '../../messages/chat-messages';
import { submitAct } from '../../messages/group-act';
import { namedPeer } from '../../messages/peer';
import { isInPart } from '../../messages/saved-dialogs';
import { submit } from '../../messages/submit';

/** Lets go all pinned messages of a chat, for everybody in it (docs: core.telegram.org/method/messages.unpinAllMessages). */
export const unpinAllMessages: Method<Deps, 'messages.unpinAllMessages'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  if (request.saved_peer_id && request.saved_peer_id._ !== 'inputPeerEmpty') return unpinPart(deps, caller, request);
  if (isChannelBox(peer)) {
    const { pts, ptsCount } = await deps.channels.act(caller, peer, { act: { case: 'unpinAll', value: {} } });
    return { _: 'messages.affectedHistory', pts, pts_count: ptsCount, offset: 0 };
  }
  const outcome = isGroupBox(peer) ? await submitAct(deps, caller, -peer, { case: 'unpinAll', value: {} }) : await submit(deps, caller, { case: 'unpinAll', value: { peer: BigInt(peer) } });
  return { _: 'messages.affectedHistory', pts: outcome.pts, pts_count: outcome.ptsCount, offset: 0 };
};

/** Those of a part of Saved Messages; at most 100 are pinned. */
async function unpinPart(deps: Deps, caller: CallerContext, request: { peer: TypeInputPeer; saved_peer_id?: TypeInputPeer }): Promise<MessagesAffectedHistory> {
  const chat = await openPart(deps, caller, request);
  const pinned = chat ? await chat.reader.messages(chat.reader.dialog(chat.peer)?.pinnedIds ?? []) : [];
  let { pts } = (await deps.engine.read(caller.userId)).head();
  let ptsCount = 0;
  for (const record of pinned) {
    if (record === undefined || !isInPart(record, chat?.part)) continue;
    const outcome = await submit(deps, caller, { case: 'pin', value: { peer: record.peer, id: record.id, unpin: true, oneside: true } });
    pts = outcome.pts;
    ptsCount += outcome.ptsCount;
  }
  return { _: 'messages.affectedHistory', pts, pts_count: ptsCount, offset: 0 };
}
