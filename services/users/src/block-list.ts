import type { CallerContext } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from './deps';
import { BLOCKED_USERS_MAX } from './limits';
import { pushToOwnSessions, pushUsersChanged } from './pushes';
import { blocked } from './tables/blocked';

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
  await pushUsersChanged(deps, caller.userId, peer);
  pushToOwnSessions(deps, caller, { _: 'updatePeerBlocked', blocked: block || undefined, peer_id: { _: 'peerUser', user_id: peer } });
}
