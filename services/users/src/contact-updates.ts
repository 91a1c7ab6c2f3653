import type { CallerContext } from '@heliograph/client-api/method';
import { peerSettingsOf } from '@heliograph/client-api/peer-settings';
import { userEmpty } from '@heliograph/client-api/user';
import type { Updates, UpdatePeerSettings } from '@heliograph/tl/api';
import type { Deps } from './deps';
import { FORGET_CONTACT_DEADLINE_MS, PEER_SETTINGS_AT_ONCE } from './limits';
import { pushToOwnSessions, pushUsersChanged } from './pushes';
import { areBlocked } from './tables/blocked';

/** Announces changed contacts: stale views everywhere, the caller's other sessions, and the answer that says the same to the caller. */
export async function contactsChanged(deps: Deps, caller: CallerContext, userIds: readonly number[], contact: boolean): Promise<Updates> {
  const updates = await settingsUpdates(deps, caller, userIds, contact);
  await pushUsersChanged(deps, caller.userId, ...userIds);
  pushToOwnSessions(deps, caller, ...updates);
  return { _: 'updates', updates, users: userIds.map(userEmpty), chats: [], date: caller.date, seq: 0 };
}

/** What is offered above the caller's chats with these users, now that they are contacts, or are not. */
export async function settingsUpdates(deps: Pick<Deps, 'messages' | 'storage'>, caller: CallerContext, userIds: readonly number[], contact: boolean): Promise<UpdatePeerSettings[]> {
  const others = userIds.filter((id) => id !== caller.userId);
  const update = (id: number, blocked: boolean, hidden: boolean): UpdatePeerSettings => ({
    _: 'updatePeerSettings', peer: { _: 'peerUser', user_id: id }, settings: peerSettingsOf({ contact, blocked, hidden }),
  });
  // Of a contact nothing else decides.
  if (contact) return others.map((id) => update(id, false, false));
  const blocked = await areBlocked(deps.storage, others.map((peer) => ({ owner: caller.userId, peer })));
  const updates: UpdatePeerSettings[] = [];
  for (let start = 0; start < others.length; start += PEER_SETTINGS_AT_ONCE) {
    const asked = await Promise.allSettled(others.slice(start, start + PEER_SETTINGS_AT_ONCE).map(async (id, index) => {
      const { barHidden } = await deps.messages.getDialogSettings({ userId: BigInt(caller.userId), peer: BigInt(id), barOnly: true }, { routeKey: caller.userId, deadlineMs: FORGET_CONTACT_DEADLINE_MS });
      return update(id, blocked[start + index] ?? false, barHidden);
    }));
    // What changed is stored: clients that aren't told ask for it when the chat is opened.
    for (const answer of asked) if (answer.status === 'fulfilled') updates.push(answer.value);
  }
  return updates;
}
