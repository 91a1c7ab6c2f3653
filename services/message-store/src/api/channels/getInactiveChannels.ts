import { channelOfBox } from '@heliograph/box/box-id';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { INACTIVE_CHANNEL_DAYS } from '../../limits';
import { channelNamed } from '../../messages/channel-act';
import { ownChannelStates } from '../../messages/own-channels';

/** Channels of the caller's without a message for INACTIVE_CHANNEL_DAYS, the longest first: for who is in too many (docs: core.telegram.org/method/channels.getInactiveChannels). */
export const getInactiveChannels: Method<Deps, 'channels.getInactiveChannels'> = async (deps, caller) => {
  const before = caller.date - INACTIVE_CHANNEL_DAYS * 86_400;
  const inactive = (await ownChannelStates(deps, caller)).filter(({ topDate }) => topDate < before).sort((a, b) => a.topDate - b.topDate);
  return { _: 'messages.inactiveChats', dates: inactive.map(({ topDate }) => topDate), chats: inactive.map(({ channel }) => channelNamed(channelOfBox(Number(channel)))), users: [] };
};
