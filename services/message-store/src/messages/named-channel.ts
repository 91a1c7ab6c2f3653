import { channelBox, channelOfBox } from '@heliograph/box/box-id';
import { adminRights, isKicked, mayRead } from '@heliograph/box/channel-rights';
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

/**
 * The same for who reads or writes messages: besides, the group where a broadcast is discussed is open to all who may see the broadcast and were not banned from the group
 * (docs: core.telegram.org/api/discussion).
 */
export function openForMessages(deps: Pick<Deps, 'channels' | 'peers'>, caller: CallerContext, input: TypeInputChannel | TypeInputPeer): Promise<ChannelReader> {
  return openToReaders(deps, caller, channelOf(deps, caller, input));
}

/** The same, by its box. */
export async function openToReaders(deps: Pick<Deps, 'channels'>, caller: CallerContext, box: number): Promise<ChannelReader> {
  const channel = await deps.channels.open(caller.userId, box);
  if (!channel) throw badRequest('CHANNEL_INVALID');
  if (mayRead(channel.record, channel.member, caller.date)) return channel;
  const guest = await asGuest(deps, caller, channel);
  if (!guest) throw badRequest('CHANNEL_PRIVATE');
  return guest;
}

/** A discussion group for who is not in it but may see the broadcast that it discusses; undefined: he may not. */
async function asGuest({ channels }: Pick<Deps, 'channels'>, caller: CallerContext, { box, record, member, state }: ChannelReader): Promise<ChannelReader | undefined> {
  if (record.destroyed || record.broadcast || record.linked === 0n || isKicked(member, caller.date)) return undefined;
  const [broadcast] = await channels.find(caller.userId, [channelBox(Number(record.linked))]);
  const discussed = broadcast?.record;
  if (discussed === undefined || Number(discussed.linked) !== channelOfBox(box) || !mayRead(discussed, broadcast?.member, caller.date)) return undefined;
  // The group itself would show him nothing.
  return channels.reader(0, state);
}

/** When the caller may write again where there is a slow mode, Unix seconds; 0: now. Admins don't wait. */
export function slowUntil(record: ChannelRecord, member: ChannelMember | undefined, caller: CallerContext): number {
  if (record.slowmode === 0 || member === undefined || adminRights(record, caller.userId) !== 0 || member.lastPostDate === 0) return 0;
  return member.lastPostDate + record.slowmode;
}

/** Whether an InputPeer names a channel, by its kind alone. */
export const isChannel = (input: TypeInputPeer): boolean => input._ === 'inputPeerChannel' || input._ === 'inputPeerChannelFromMessage';
