import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { namedPeer } from '../../messages/peer';

/** There is no advertising (docs: core.telegram.org/method/messages.getSponsoredMessages). */
export const getSponsoredMessages: Method<Deps, 'messages.getSponsoredMessages'> = async (deps, caller, request) => {
  await namedPeer(deps, caller, request.peer);
  return { _: 'messages.sponsoredMessagesEmpty' };
};
