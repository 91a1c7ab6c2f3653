import type { CallerContext } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { settingsUpdates } from './contact-updates';
import type { Deps } from './deps';
import { isAccountId } from './domain/user-id';
import { BLOCKED_USERS_MAX, FORGET_CONTACT_DEADLINE_MS } from './limits';
import { pushToOwnSessions, pushUsersChanged } from './pushes';
import { blocked } from './tables/blocked';
import { findContacts } from './tables/contacts';

/** Blocks or unblocks one user: the caller's other sessions learn it, the other side gets no hint. Throws BLOCKED_TOO_MUCH. */
export async function setBlocked(deps: Deps, caller: CallerContext, peer: number, block: boolean): Promise<void> {
  const key = { owner: caller.userId, peer_id: peer };
  const known = await deps.storage.get(blocked, key);
  if ((known !== undefined) === block) return;
  if (block) {
    const rows = await deps.storage.range(blocked, { owner: caller.userId }, { limit: BLOCKED_USERS_MAX });
    if (rows.length >= BLOCKED_USERS_MAX) throw badRequest('BLOCKED_TOO_MUCH');
    await deps.storage.put(blocked, { ...key, date: caller.date });
  } else await deps.storage.delete(blocked, key);
  await forgetContact(deps, caller.userId, peer);
  await pushUsersChanged(deps, caller.userId, peer);
  const [contact] = await findContacts(deps, caller.userId, [peer]);
  // What is offered above a chat with a stranger is another thing from now on.
  const settings = contact === undefined && isAccountId(peer) ? await settingsUpdates(deps, caller, [peer], false) : [];
  pushToOwnSessions(deps, caller, { _: 'updatePeerBlocked', blocked: block || undefined, peer_id: { _: 'peerUser', user_id: peer } }, ...settings);
}

/**
 * The message store asks again before the next message of either side passes. One that can't be reached remembers for its ADMISSION_SECONDS at
 * the most: the block is stored, and does not fail for that. Another DC need not be told: messages from there are judged when they arrive.
 */
async function forgetContact(deps: Deps, owner: number, peer: number): Promise<void> {
  const pairs = [{ from: owner, to: peer }, { from: peer, to: owner }].filter(({ from }) => deps.homes.of(from) === deps.dc.id);
  const told = await Promise.allSettled(pairs.map(({ from, to }) => deps.messages.forgetContact({ from: BigInt(from), to: BigInt(to) }, { routeKey: from, deadlineMs: FORGET_CONTACT_DEADLINE_MS })));
  const failed = told.find((result) => result.status === 'rejected');
  if (failed !== undefined) deps.log.warn({ error: failed.reason instanceof Error ? failed.reason.name : 'unknown' }, 'a message store was not told of a block');
}
