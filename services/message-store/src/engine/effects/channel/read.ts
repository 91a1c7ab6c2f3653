import type { ChannelRead } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { CHANNEL_READERS_MAX } from '../../limits';
import type { Channel } from './channel';

/**
 * A member of a supergroup has read up to an id. Who has read furthest, and how far the others have, is enough to tell every author how far
 * somebody else has read.
 */
export function readPosts(channel: Channel, { maxId }: ChannelRead): void {
  const { change, actor, record } = channel;
  if (record.broadcast) return;
  const upTo = Math.min(maxId, change.topId);
  if (record.memberCount <= CHANNEL_READERS_MAX && upTo > (channel.member(actor)?.readId ?? 0)) channel.editMember(actor, { readId: upTo, readDate: change.date });
  const { firstReader, firstReadId, secondReadId } = record;
  const user = BigInt(actor);
  if (upTo > firstReadId) channel.editRecord({ firstReader: user, firstReadId: upTo, secondReadId: firstReader === user ? secondReadId : firstReadId });
  else if (firstReader !== user && upTo > secondReadId) channel.editRecord({ secondReadId: upTo });
  else return;
  const now = channel.record;
  channel.tell({ firstReader: now.firstReader, firstReadId: now.firstReadId, secondReadId: now.secondReadId });
}
