import type { FindByUsernamesRequest } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../deps';
import { isUsername } from '../domain/username';
import { NAMES_PER_CALL_MAX } from '../limits';
import { findUsernameOwner } from '../tables/usernames';

/** Who has each public name, in the order asked; 0 where nobody does, or none could. Throws INVALID_ARGUMENT. */
export async function findByUsernames(deps: Pick<Deps, 'storage' | 'dc' | 'homes'>, { usernames }: Pick<FindByUsernamesRequest, 'usernames'>): Promise<{ userIds: bigint[] }> {
  if (usernames.length > NAMES_PER_CALL_MAX) throw new CallError('INVALID_ARGUMENT', `at most ${NAMES_PER_CALL_MAX} names in one call`);
  const owners = await Promise.all(usernames.map((name) => (isUsername(name) ? findUsernameOwner(deps, name) : undefined)));
  return { userIds: owners.map((owner) => BigInt(owner ?? 0)) };
}
