import { channelOfBox, isChannelBox } from '@heliograph/box/box-id';
import { peerOf } from '@heliograph/box/render-peer';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypePeer } from '@heliograph/tl/api';
import type { Origin } from '../domain/forward';

/** Whose a message is to those who see copies of it: a person's, or a channel's; of a broadcast's post also its id. */
export function originOf(record: MessageRecord): Pick<Origin, 'author' | 'channelPost'> {
  if (record.from === 0n && isChannelBox(Number(record.peer))) return { author: channelPeer(Number(record.peer)), channelPost: record.id };
  return { author: peerOf(Number(record.from)) };
}

const channelPeer = (box: number): TypePeer => ({ _: 'peerChannel', channel_id: channelOfBox(box) });
