import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { namedPeer } from '../../messages/peer';

/** Tags in Saved Messages take a premium account: there are none (docs: core.telegram.org/method/messages.getSavedReactionTags). */
export const getSavedReactionTags: Method<Deps, 'messages.getSavedReactionTags'> = async (deps, caller, request) => {
  if (request.peer) await namedPeer(deps, caller, request.peer);
  return { _: 'messages.savedReactionTags', hash: 0n, tags: [] };
};
