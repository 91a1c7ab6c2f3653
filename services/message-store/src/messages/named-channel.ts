import { channelBox } from '@heliograph/box/box-id';
import { adminRights, mayRead } from '@heliograph/box/channel-rights';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { ChannelMember, ChannelRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeInputChannel, TypeInputPeer } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { ChannelReader } from './channels';

/** The box of the channel that a request names. Throws CHANNEL_INVALID. */
export function channelOf(deps: Pick<Deps, 'peers'>, caller: CallerContext, input: TypeInputChannel | TypeInputPeer): number {
  const peer = deps.peers.peer(caller.userId, input);
  if (peer.kind !== 'channel') throw badRequest('CHANNEL_INVALID');
  return channelBox(peer.id);
}

/** The same channel as the caller may see it. Throws CHANNEL_INVALID (there is none), CHANNEL_PRIVATE (it ended, the caller was banned, or is no member of one without a public name). */
export async function openChannel(deps: Pick<Deps, 'channels' | 'peers'>, caller: CallerContext, input: TypeInputChannel | TypeInputPeer): Promise<ChannelReader> {
  const channel = await deps.channels.open(caller.userId, channelOf(deps, caller, input));
  if (!channel) throw badRequest('CHANNEL_INVALID');
  if (!mayRead(channel.record, channel.member, caller.date)) throw badRequest('CHANNEL_PRIVATE');
  return channel;
}

/** When the caller may write again where there is a slow mode, Unix seconds; 0: now. Admins don't wait. */
export function slowUntil(record: ChannelRecord, member: ChannelMember | undefined, caller: CallerContext): number {
  if (record.slowmode === 0 || member === undefined || adminRights(record, caller.userId) !== 0 || member.lastPostDate === 0) return 0;
  return member.lastPostDate + record.slowmode;
}

/** Whether an InputPeer names a channel, by its kind alone. */
export const isChannel = (input: TypeInputPeer): boolean => input._ === 'inputPeerChannel' || input._ === 'inputPeerChannelFromMessage';
