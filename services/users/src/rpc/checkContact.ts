import type { CheckContactRequest, CheckContactResponseSchema } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Deps } from '../deps';
import { homeDc, isAccountId, SERVICE_USER_ID } from '../domain/user-id';
import { areBlocked } from '../tables/blocked';
import { users } from '../tables/users';

/** May `from` act towards `to`? Each side's DC answers for its own block list. Fails when the DC of `to` cannot be reached. */
export async function checkContact(deps: Deps, request: Pick<CheckContactRequest, 'from' | 'to'>): Promise<MessageInitShape<typeof CheckContactResponseSchema>> {
  const from = Number(request.from);
  const to = Number(request.to);
  if (to === SERVICE_USER_ID) return { toExists: true };
  if (!isAccountId(to)) return { toExists: false };
  const [blockedBySelf = false, blockedByPeer = false] = from === to ? [] : await areBlocked(deps.storage, [{ owner: from, peer: to }, { owner: to, peer: from }]);
  if (homeDc(to) === deps.dc.id) {
    const row = await deps.storage.get(users, { user_id: to });
    return { toExists: row !== undefined, toDeleted: Boolean(row?.deleted_at), toIsBot: row?.bot ?? false, blockedByPeer, blockedBySelf };
  }
  if (!deps.dcs.some((dc) => dc.id === homeDc(to))) return { toExists: false, blockedBySelf };
  return { ...(await deps.usersOf(homeDc(to)).checkContact({ from: request.from, to: request.to })), blockedBySelf };
}
