import { peerOf } from '@heliograph/box/render-peer';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { openForMessages } from '../../messages/named-channel';
import { listSpeakers } from '../../messages/send-as';

/** As whom the caller may write in a channel (docs: core.telegram.org/method/channels.getSendAs). Throws PEER_ID_INVALID, CHANNEL_INVALID, CHANNEL_PRIVATE. */
export const getSendAs: Method<Deps, 'channels.getSendAs'> = async (deps, caller, request) => {
  if (deps.peers.peer(caller.userId, request.peer).kind !== 'channel') throw badRequest('PEER_ID_INVALID');
  const speakers = await listSpeakers(deps, caller, await openForMessages(deps, caller, request.peer));
  return { _: 'channels.sendAsPeers', peers: speakers.flatMap((speaker) => ({ _: 'sendAsPeer' as const, peer: peerOf(speaker) })), chats: [], users: [] };
};
