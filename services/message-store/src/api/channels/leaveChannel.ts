import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { leaveChannelAs } from '../../messages/leave-channel';
import { openChannel } from '../../messages/named-channel';

/** Leaves a channel; its creator, where an admin could take it over after 7 days, else USER_CREATOR (docs: core.telegram.org/method/channels.leaveChannel). */
export const leaveChannel: Method<Deps, 'channels.leaveChannel'> = async (deps, caller, request) => leaveChannelAs(deps, caller, await openChannel(deps, caller, request.channel));
