import type { PeerChannel, PeerChat, PeerUser } from '@heliograph/tl/api';
import { channelOfBox, isChannelBox } from './box-id';

export const peerUser = (id: number): PeerUser => ({ _: 'peerUser', user_id: id });

/** What a dialog's peer is to clients, by its number (box-id.ts). */
export function peerOf(peer: number): PeerUser | PeerChat | PeerChannel {
  if (peer > 0) return peerUser(peer);
  return isChannelBox(peer) ? { _: 'peerChannel', channel_id: channelOfBox(peer) } : { _: 'peerChat', chat_id: -peer };
}
