import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { openSupergroup, setInChannel } from '../../messages/channel-setting';

/** What clients offer; 0: off. */
const SECONDS: ReadonlySet<number> = new Set([0, 5, 10, 30, 60, 300, 900, 3600]);

/** How many seconds a member of a supergroup waits between two messages (docs: core.telegram.org/method/channels.toggleSlowMode). Throws SECONDS_INVALID. */
export const toggleSlowMode: Method<Deps, 'channels.toggleSlowMode'> = async (deps, caller, request) => {
  if (!SECONDS.has(request.seconds)) throw badRequest('SECONDS_INVALID');
  const { box } = await openSupergroup(deps, caller, request.channel);
  return setInChannel(deps, caller, box, { slowmode: request.seconds });
};
