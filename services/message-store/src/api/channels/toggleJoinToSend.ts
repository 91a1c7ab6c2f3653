import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { openSupergroup, setInChannel } from '../../messages/channel-setting';

/** Whether one has to join a discussion group to write in it (docs: core.telegram.org/method/channels.toggleJoinToSend). */
export const toggleJoinToSend: Method<Deps, 'channels.toggleJoinToSend'> = async (deps, caller, request) => {
  const { box } = await openSupergroup(deps, caller, request.channel);
  return setInChannel(deps, caller, box, { joinToSend: request.enabled });
};
