import { writeObject } from '@heliograph/tl/writer';
import { peerUser } from '@heliograph/box/render-peer';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { homeDcOf, isChannelBox, isGroupBox } from '@heliograph/box/box-id';
import { openForMessages } from '../../messages/named-channel';
import { tellChannel } from '../../messages/tell-channel';
import { tellMembers } from '../../messages/tell-members';
import { namedPeer } from '../../messages/peer';
import { admit } from '../../messages/send';

/**
 * Shows the others for six seconds that one is typing, recording, …; nothing is stored (FEATURES C8; docs: core.telegram.org/method/messages.setTyping).
 * Like a message, it does not reach somebody who blocks the caller.
 */
export const setTyping: Method<Deps, 'messages.setTyping'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  deps.presence.touch(caller.userId);
  if (peer === caller.userId) return true;
  if (isChannelBox(peer)) {
    await tellChannel(deps, caller, await openForMessages(deps, caller, request.peer), request.action, request.top_msg_id);
    return true;
  }
  if (isGroupBox(peer)) {
    await tellMembers(deps, caller, -peer, { _: 'updateChatUserTyping', chat_id: -peer, from_id: peerUser(caller.userId), action: request.action });
    return true;
  }
  const { noDeliver, dc } = await admit(deps, caller.userId, peer);
  if (noDeliver) return true;
  const updates = writeObject({ _: 'updateShort', update: { _: 'updateUserTyping', user_id: caller.userId, action: request.action }, date: caller.date }, 'newest');
  if ((dc || homeDcOf(peer)) === deps.dc) await deps.fanout.publish({ pushes: [{ userIds: [BigInt(peer)], what: { case: 'updates', value: updates } }] });
  else await deps.users.tellPeer({ from: BigInt(caller.userId), to: BigInt(peer), updates });
  return true;
};
