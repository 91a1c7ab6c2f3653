import { isChannelBox } from '@heliograph/box/box-id';
import type { FindByUsernamesRequest } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../deps';
import { isUsername } from '../domain/username';
import { NAMES_PER_CALL_MAX } from '../limits';
import { findUsernameOwner } from '../tables/usernames';

/** Who has each public name, in the order asked: a user or a channel; 0 where nobody does, or none could. Throws INVALID_ARGUMENT. */
export async function findByUsernames(deps: Pick<Deps, 'storage' | 'dc' | 'homes' | 'usernameOfChannel'>, { usernames }: Pick<FindByUsernamesRequest, 'usernames'>): Promise<{ userIds: bigint[]; channels: bigint[] }> {
  if (usernames.length > NAMES_PER_CALL_MAX) throw new CallError('INVALID_ARGUMENT', `at most ${NAMES_PER_CALL_MAX} names in one call`);
  const owners = await Promise.all(usernames.map((name) => (isUsername(name) ? findUsernameOwner(deps, name) : undefined)));
  const those = (of: (owner: number) => boolean): bigint[] => owners.map((owner) => (owner !== undefined && of(owner) ? BigInt(owner) : 0n));
  return { userIds: those((owner) => owner > 0), channels: those(isChannelBox) };
}
