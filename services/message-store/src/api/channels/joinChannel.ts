import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { joinChannelAs } from '../../messages/join-channel';
import { openForMessages } from '../../messages/named-channel';

/** Joins a public channel, or asks to be let in where its admins want that (docs: core.telegram.org/method/channels.joinChannel). */
export const joinChannel: Method<Deps, 'channels.joinChannel'> = async (deps, caller, request) => {
  const channel = await openForMessages(deps, caller, request.channel);
  return joinChannelAs(deps, caller, channel, 0, { _: 'messageActionChatAddUser', users: [caller.userId] });
};
