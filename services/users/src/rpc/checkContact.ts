import type { CheckContactRequest, CheckContactResponseSchema } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Deps } from '../deps';
import { isAccountId, SERVICE_USER_ID } from '../domain/user-id';
import { REMOTE_VIEW_RECHECK_MS } from '../limits';
import { findRemoteViews } from '../remote-views';
import { areBlocked } from '../tables/blocked';
import { users } from '../tables/users';

/**
 * May `from`, a user of this DC, act towards `to`? Of a user of another DC only existence is known here, and when that DC cannot be reached
 * it is taken for granted: access hashes are given only for those who exist. Whether they block `from` is decided by their DC when what
 * `from` did arrives there.
 */
export async function checkContact(deps: Deps, request: Pick<CheckContactRequest, 'from' | 'to'>): Promise<MessageInitShape<typeof CheckContactResponseSchema>> {
  const from = Number(request.from);
  const to = Number(request.to);
  if (to === SERVICE_USER_ID) return { toExists: true };
  if (!isAccountId(to)) return { toExists: false };
  const [blockedBySelf = false, blockedByPeer = false] = from === to ? [] : await areBlocked(deps.storage, [{ owner: from, peer: to }, { owner: to, peer: from }]);
  if (deps.homes.of(to) === deps.dc.id) {
    const row = await deps.storage.get(users, { user_id: to });
    return { toExists: row !== undefined, toDeleted: Boolean(row?.deleted_at), toIsBot: row?.bot ?? false, blockedByPeer, blockedBySelf, toDc: deps.dc.id };
  }
  const age = deps.remoteViews.age(from, to);
  if (age !== undefined && age > REMOTE_VIEW_RECHECK_MS) deps.inBackground('look at a user of another data center', async () => void (await findRemoteViews(deps, from, [to])));
  const view = deps.remoteViews.lastKnown(from, to) ?? (await findRemoteViews(deps, from, [to]))[0];
  return view ? { toExists: true, toDeleted: view.deleted ?? false, toIsBot: view.bot ?? false, blockedBySelf, toDc: deps.homes.of(to) } : { toExists: false, blockedBySelf };
}
