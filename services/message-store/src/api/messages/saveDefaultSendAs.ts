import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { actInChannel } from '../../messages/channel-act';
import { openForMessages } from '../../messages/named-channel';
import { speakerOf } from '../../messages/send-as';

/**
 * As whom the caller's messages to a supergroup go out where they say nothing of it (docs: core.telegram.org/method/messages.saveDefaultSendAs).
 * NOTSPEC: reactions and votes stay the caller's own. Throws PEER_ID_INVALID (not a supergroup), SEND_AS_PEER_INVALID, and as `openForMessages`.
 */
export const saveDefaultSendAs: Method<Deps, 'messages.saveDefaultSendAs'> = async (deps, caller, request) => {
  if (deps.peers.peer(caller.userId, request.peer).kind !== 'channel') throw badRequest('PEER_ID_INVALID');
  const channel = await openForMessages(deps, caller, request.peer);
  if (channel.record.broadcast) throw badRequest('PEER_ID_INVALID');
  if (request.send_as._ === 'inputPeerEmpty') throw badRequest('SEND_AS_PEER_INVALID');
  const speaker = await speakerOf(deps, caller, channel, request.send_as);
  await actInChannel(deps, caller, channel.box, { case: 'setSendAs', value: { sendAs: BigInt(speaker) } });
  return true;
};
