import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { hasBar } from '../../messages/action-bar';
import { namedPeer } from '../../messages/peer';
import { submit } from '../../messages/submit';

/**
 * The caller wants no bar above a chat of what to do with the other, on any device (docs: core.telegram.org/method/messages.hidePeerSettingsBar). Chats that have none stay as they
 * are. Throws PEER_ID_INVALID.
 */
export const hidePeerSettingsBar: Method<Deps, 'messages.hidePeerSettingsBar'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  if (hasBar(caller, peer)) await submit(deps, caller, { case: 'hideBar', value: { peer: BigInt(peer) } });
  return true;
};
