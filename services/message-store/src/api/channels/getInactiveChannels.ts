import { channelOfBox } from '@heliograph/box/box-id';
import type { Method } from '@heliograph/client-api/method';
import type { ChannelState } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import type { Deps } from '../../deps';
import { INACTIVE_CHANNEL_DAYS } from '../../limits';
import { channelNamed } from '../../messages/channel-act';
import { ownChannelStates } from '../../messages/own-channels';

/** Channels of the caller's without a message for INACTIVE_CHANNEL_DAYS, the longest first: for who is in too many (docs: core.telegram.org/method/channels.getInactiveChannels). */
export const getInactiveChannels: Method<Deps, 'channels.getInactiveChannels'> = async (deps, caller) => {
  const before = caller.date - INACTIVE_CHANNEL_DAYS * 86_400;
  const inactive = (await ownChannelStates(deps, caller)).filter((state) => lastDate(state) < before).sort((a, b) => lastDate(a) - lastDate(b));
  return { _: 'messages.inactiveChats', dates: inactive.map(lastDate), chats: inactive.map(({ channel }) => channelNamed(channelOfBox(Number(channel)))), users: [] };
};

/** Of its newest message; of one that is empty, that of its last change. */
const lastDate = ({ topDate, changedDate }: ChannelState): number => topDate || changedDate;
