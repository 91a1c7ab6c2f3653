import type { CallerContext } from '@heliograph/client-api/method';
import { userEmpty } from '@heliograph/client-api/user';
import type { Updates, UpdatePeerSettings } from '@heliograph/tl/api';
import type { Deps } from './deps';
import { peerSettingsOf } from './domain/peer-settings';
import { pushToOwnSessions, pushUsersChanged } from './pushes';

/** Announces changed contacts: stale views everywhere, the caller's other sessions, and the answer that says the same to the caller. */
export async function contactsChanged(deps: Deps, caller: CallerContext, userIds: readonly number[], contact: boolean): Promise<Updates> {
  const updates = userIds.map((id): UpdatePeerSettings => ({
    _: 'updatePeerSettings', peer: { _: 'peerUser', user_id: id }, settings: peerSettingsOf({ self: id === caller.userId, contact, service: false, blocked: false }),
  }));
  await pushUsersChanged(deps, caller.userId, ...userIds);
  pushToOwnSessions(deps, caller, ...updates);
  return { _: 'updates', updates, users: userIds.map(userEmpty), chats: [], date: caller.date, seq: 0 };
}
