import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { changeChannel } from '../../messages/channel-act';
import { openChannel } from '../../messages/named-channel';

/** Leaves a channel; its creator can't (docs: core.telegram.org/method/channels.leaveChannel). */
export const leaveChannel: Method<Deps, 'channels.leaveChannel'> = async (deps, caller, request) => {
  const { box, record } = await openChannel(deps, caller, request.channel);
  return changeChannel(deps, caller, box, { case: 'leave', value: {} }, record.broadcast ? undefined : { _: 'messageActionChatDeleteUser', user_id: caller.userId });
};
