import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { emptyUpdates } from '../../messages/answer';
import { namedPeer } from '../../messages/peer';

/** Paid media are not built: none became visible (docs: core.telegram.org/method/messages.getExtendedMedia). */
export const getExtendedMedia: Method<Deps, 'messages.getExtendedMedia'> = async (deps, caller, request) => {
  await namedPeer(deps, caller, request.peer);
  return emptyUpdates(caller);
};
