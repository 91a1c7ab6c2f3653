import { channelOfBox } from '@heliograph/box/box-id';
import { adminRights, isOwner } from '@heliograph/box/channel-rights';
import { ADMIN } from '@heliograph/box/group-rights';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { ChannelState } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import type { TypeInputPeer } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { ChannelReader } from './channels';
import { channelOf, isChannel } from './named-channel';
import { ownChannelStates } from './own-channels';
import { tryUser } from './peer';

/**
 * As whom one writes in channels (docs: core.telegram.org/method/channels.getSendAs): in a broadcast as that; in a supergroup as oneself, as an anonymous admin as the group, and where
 * the group has a public name or discusses a broadcast, also as a broadcast of one's own: a public one, or the one that is discussed there.
 * NOTSPEC: Telegram asks those for a premium account who write as others than the one that is discussed; there are no such accounts, and nobody is asked.
 */
export async function listSpeakers(deps: Pick<Deps, 'channels' | 'engine'>, caller: CallerContext, channel: ChannelReader): Promise<number[]> {
  const { box, record } = channel;
  if (record.broadcast) return [box];
  const own = isOpen(channel) ? (await ownChannelStates(deps, caller)).filter((state) => mayStandFor(caller, channel, state)) : [];
  return [...(isAnonymous(channel, caller) ? [box] : []), caller.userId, ...own.map((state) => Number(state.channel))];
}

/** As whom a message goes out; 0: as the channel has it. Without a word of it as the caller said last, while he still may. Throws SEND_AS_PEER_INVALID. */
export async function speakerOf(deps: Pick<Deps, 'channels' | 'peers'>, caller: CallerContext, channel: ChannelReader, sendAs: TypeInputPeer | undefined): Promise<number> {
  if (channel.record.broadcast && (!sendAs || isSelf(deps, caller, sendAs))) return 0;
  if (!sendAs || sendAs._ === 'inputPeerEmpty') return defaultSpeaker(deps, caller, channel);
  const speaker = isChannel(sendAs) ? channelOf(deps, caller, sendAs) : isSelf(deps, caller, sendAs) ? caller.userId : 0;
  if (!await maySpeak(deps, caller, channel, speaker)) throw badRequest('SEND_AS_PEER_INVALID');
  return channel.record.broadcast ? 0 : speaker;
}

/** As whom the caller said that he writes here, as far as he still may; 0: he did not, or may no more. */
export async function defaultSpeaker(deps: Pick<Deps, 'channels'>, caller: CallerContext, channel: ChannelReader): Promise<number> {
  const speaker = Number(channel.member?.sendAs ?? 0n);
  return speaker !== 0 && await maySpeak(deps, caller, channel, speaker) ? speaker : 0;
}

async function maySpeak({ channels }: Pick<Deps, 'channels'>, caller: CallerContext, channel: ChannelReader, speaker: number): Promise<boolean> {
  if (speaker === caller.userId) return true;
  if (speaker === channel.box) return channel.record.broadcast || isAnonymous(channel, caller);
  if (speaker >= 0 || !isOpen(channel)) return false;
  const [state] = await channels.find(caller.userId, [speaker]);
  return state !== undefined && mayStandFor(caller, channel, state);
}

const isSelf = (deps: Pick<Deps, 'peers'>, caller: CallerContext, input: TypeInputPeer): boolean => input._ === 'inputPeerSelf' || (!isChannel(input) && tryUser(deps, caller, input) === caller.userId);
const isAnonymous = ({ record }: ChannelReader, { userId }: CallerContext): boolean => !record.broadcast && (adminRights(record, userId) & ADMIN.anonymous) !== 0;
/** Whether channels write in it. */
const isOpen = ({ record }: ChannelReader): boolean => !record.broadcast && (record.username !== '' || record.linked !== 0n);

/** Whether the caller may write there as that channel. */
function mayStandFor({ userId }: CallerContext, { record: group }: ChannelReader, { channel, record }: ChannelState): boolean {
  if (record?.broadcast !== true || record.destroyed || !isOwner(record, userId)) return false;
  return record.username !== '' || Number(group.linked) === channelOfBox(Number(channel));
}
