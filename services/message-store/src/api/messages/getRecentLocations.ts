import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { noMessages } from '../../messages/answer';
import { namedPeer } from '../../messages/peer';

/** Locations are not built: none was sent (docs: core.telegram.org/method/messages.getRecentLocations). */
export const getRecentLocations: Method<Deps, 'messages.getRecentLocations'> = async (deps, caller, request) => {
  await namedPeer(deps, caller, request.peer);
  return noMessages();
};
