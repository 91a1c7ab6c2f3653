import type { Method } from '@heliograph/client-api/method';
import type { PeerSettings } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { namedPeer } from '../../messages/peer';

/** The service account: nobody adds or blocks it. */
const SERVICE_ACCOUNT = 777000;

/** What a client offers above a chat: adding or blocking somebody who isn't a contact (docs: core.telegram.org/method/messages.getPeerSettings). */
export const getPeerSettings: Method<Deps, 'messages.getPeerSettings'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  const settings: PeerSettings = { _: 'peerSettings' };
  if (peer > 0 && peer !== caller.userId && peer !== SERVICE_ACCOUNT) {
    const { users: [view] } = await deps.users.getViews({ viewerId: BigInt(caller.userId), userIds: [BigInt(peer)] });
    const stranger = view !== undefined && !view.contact && !view.deleted;
    if (stranger && !view.bot) settings.add_contact = true;
    if (stranger) settings.block_contact = true;
  }
  return { _: 'messages.peerSettings', settings, chats: [], users: [] };
};
