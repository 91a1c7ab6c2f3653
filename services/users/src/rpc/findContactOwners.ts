import type { FindContactOwnersRequest } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../deps';
import { PAIRS_PER_CALL_MAX } from '../limits';
import { areContactsOf } from '../tables/contacts';

/** For each owner in the order asked: do they have the user in their contacts? Owners are of this DC. */
export async function findContactOwners(deps: Pick<Deps, 'storage'>, { userId, owners }: Pick<FindContactOwnersRequest, 'userId' | 'owners'>): Promise<{ has: boolean[] }> {
  if (owners.length > PAIRS_PER_CALL_MAX) throw new CallError('INVALID_ARGUMENT', `at most ${PAIRS_PER_CALL_MAX} owners in one call`);
  return { has: await areContactsOf(deps, Number(userId), owners.map(Number)) };
}
