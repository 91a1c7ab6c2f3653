import { isCreator } from '@heliograph/box/channel-rights';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import type { TypeInputChannel } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { joinChannelAs } from '../../messages/join-channel';
import type { ChannelReader } from '../../messages/channels';
import { channelOf, openForMessages } from '../../messages/named-channel';

/** Joins a public channel, one that he left and still owns, or asks to be let in where its admins want that (docs: core.telegram.org/method/channels.joinChannel). */
export const joinChannel: Method<Deps, 'channels.joinChannel'> = async (deps, caller, request) => {
  const channel = await returning(deps, caller, request.channel) ?? await openForMessages(deps, caller, request.channel);
  return joinChannelAs(deps, caller, channel, 0, { _: 'messageActionChatAddUser', users: [caller.userId] });
};

/** A channel whose creator left it and may come back, to him; whoever it is shown to. */
async function returning(deps: Deps, caller: CallerContext, input: TypeInputChannel): Promise<ChannelReader | undefined> {
  const channel = await deps.channels.open(caller.userId, channelOf(deps, caller, input));
  return channel && !channel.record.destroyed && isCreator(channel.record, caller.userId) ? channel : undefined;
}
