import type { CallerContext } from '@heliograph/client-api/method';
import type { MissingInvitee } from '@heliograph/tl/api';
import type { Deps } from '../deps';

/** Who of some users may be brought into a group by the caller. Not who blocks the caller, is blocked by them, or has no account (any more). */
export async function sortInvitees(deps: Pick<Deps, 'admissions'>, caller: CallerContext, users: readonly number[]): Promise<{ invited: number[]; missing: MissingInvitee[] }> {
  const contacts = await Promise.all(users.map((user) => deps.admissions.find(caller.userId, user)));
  const mayCome = (index: number): boolean => {
    const contact = contacts[index];
    return contact !== undefined && contact.toExists && !contact.toDeleted && !contact.blockedByPeer && !contact.blockedBySelf;
  };
  return {
    invited: users.filter((_, index) => mayCome(index)),
    missing: users.filter((_, index) => !mayCome(index)).map((user_id) => ({ _: 'missingInvitee', user_id })),
  };
}
