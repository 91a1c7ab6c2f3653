import { ADMIN } from '@heliograph/box/group-rights';
import { channelOfBox } from '@heliograph/box/box-id';
import { adminRights } from '@heliograph/box/channel-rights';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { SendAsPeer } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { openForMessages } from '../../messages/named-channel';

/**
 * As whom the caller may write: as himself; in a supergroup also as the group, if he is an anonymous admin of it; in a broadcast as that
 * (docs: core.telegram.org/method/channels.getSendAs). Other channels of the caller's are for premium accounts, of which there are none.
 */
export const getSendAs: Method<Deps, 'channels.getSendAs'> = async (deps, caller, request) => {
  if (deps.peers.peer(caller.userId, request.peer).kind !== 'channel') throw badRequest('PEER_ID_INVALID');
  const { box, record } = await openForMessages(deps, caller, request.peer);
  const self: SendAsPeer = { _: 'sendAsPeer', peer: { _: 'peerUser', user_id: caller.userId } };
  const channel: SendAsPeer = { _: 'sendAsPeer', peer: { _: 'peerChannel', channel_id: channelOfBox(box) } };
  const rights = adminRights(record, caller.userId);
  const peers = record.broadcast ? [channel] : rights & ADMIN.anonymous ? [channel, self] : [self];
  return { _: 'channels.sendAsPeers', peers, chats: [], users: [] };
};
