import type { DataKey } from '@heliograph/crypto/keyring';
import type { HeliographChatlistInvite, HeliographJoinedChatlist, TypePeer } from '@heliograph/tl/api';
import { readObject } from '@heliograph/tl/reader';
import { writeObject } from '@heliograph/tl/writer';
import { channelBox } from './box-id';
import { peerOf } from './render-peer';

/** What a link shares of a folder. */
export interface ChatlistLink {
  /** What its owner calls it. */
  readonly title: string;
  /** Boxes. */
  readonly channels: readonly number[];
}

/** What the owner of a folder that somebody shares keeps of that. */
export interface JoinedChatlist {
  /** Who shares it, by which link. */
  readonly sharer: number;
  readonly nonce: number;
  /** Boxes of the channels in it that the owner was shown: none of them is new. */
  readonly seen: readonly number[];
  /** Boxes of those that he joined by it. */
  readonly joined: readonly number[];
}

const linkPlace = (box: number, nonce: number): string => `chatlist/user:${box}/link/${nonce}`;
const joinedPlace = (box: number, id: number): string => `chatlist/user:${box}/joined/${id}`;

/** A link of a user as commands carry it, sealed under the owner's user key. */
export function sealLink(key: DataKey, box: number, nonce: number, { title, channels }: ChatlistLink): Uint8Array {
  const stored: HeliographChatlistInvite = { _: 'heliograph.chatlistInvite', title, peers: channels.map(peerOf) };
  return key.seal(writeObject(stored, 'newest'), linkPlace(box, nonce));
}

/** Throws SealBroken when the bytes were changed or are another link's. */
export function openLink(key: DataKey, box: number, nonce: number, sealed: Uint8Array): ChatlistLink {
  const { title, peers } = readObject(key.open(sealed, linkPlace(box, nonce)), 'heliograph.ChatlistInvite') as HeliographChatlistInvite;
  return { title, channels: channelsIn(peers) };
}

/** Of a filter of a user, sealed as links are. */
export function sealJoined(key: DataKey, box: number, id: number, { sharer, nonce, seen, joined }: JoinedChatlist): Uint8Array {
  // Nonces fill 32 bits; TL's int is signed.
  const stored: HeliographJoinedChatlist = { _: 'heliograph.joinedChatlist', user_id: sharer, nonce: nonce | 0, seen: seen.map(peerOf), joined: joined.map(peerOf) };
  return key.seal(writeObject(stored, 'newest'), joinedPlace(box, id));
}

/** Throws SealBroken when the bytes were changed or are another filter's. */
export function openJoined(key: DataKey, box: number, id: number, sealed: Uint8Array): JoinedChatlist {
  const { user_id: sharer, nonce, seen, joined } = readObject(key.open(sealed, joinedPlace(box, id)), 'heliograph.JoinedChatlist') as HeliographJoinedChatlist;
  return { sharer, nonce: nonce >>> 0, seen: channelsIn(seen), joined: channelsIn(joined) };
}

const channelsIn = (peers: readonly TypePeer[]): number[] => peers.flatMap((peer) => (peer._ === 'peerChannel' ? channelBox(peer.channel_id) : []));
