import { channelOfBox, isChannelBox } from '@heliograph/box/box-id';
import type { PeerChannel, PeerUser } from '@heliograph/tl/api';

/** The owner of a public name as a peer: a user, or a channel by its box. */
export const ownerPeer = (owner: number): PeerUser | PeerChannel => (isChannelBox(owner) ? { _: 'peerChannel', channel_id: channelOfBox(owner) } : { _: 'peerUser', user_id: owner });
