import type { CallerContext, Method } from '@heliograph/client-api/method';
import { NO_PEER_SETTINGS, peerSettingsOf } from '@heliograph/client-api/peer-settings';
import type { PeerSettings } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { hasBar } from '../../messages/action-bar';
import { namedPeer } from '../../messages/peer';

/** What a client offers above a chat: adding or blocking somebody who isn't a contact (docs: core.telegram.org/method/messages.getPeerSettings). Throws PEER_ID_INVALID. */
export const getPeerSettings: Method<Deps, 'messages.getPeerSettings'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  return { _: 'messages.peerSettings', settings: hasBar(caller, peer) ? await settingsOf(deps, caller, peer) : NO_PEER_SETTINGS, chats: [], users: [] };
};

async function settingsOf(deps: Deps, caller: CallerContext, peer: number): Promise<PeerSettings> {
  const [{ users: [view] }, { blockedBySelf: blocked }, own] = await Promise.all([
    deps.users.getViews({ viewerId: BigInt(caller.userId), userIds: [BigInt(peer)] }), deps.admissions.find(caller.userId, peer), deps.engine.read(caller.userId),
  ]);
  if (view === undefined || view.deleted) return NO_PEER_SETTINGS;
  return peerSettingsOf({ contact: view.contact, bot: view.bot, blocked, hidden: own.dialog(peer)?.barHidden ?? false });
}
