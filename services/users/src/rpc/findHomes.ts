import type { FindHomesRequest } from '@heliograph/protos/heliograph/users/v1/homes_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../deps';
import { VIEWS_PER_CALL_MAX } from '../limits';

/** Where users live, in the order asked. */
export async function findHomes(deps: Pick<Deps, 'homes'>, { userIds }: Pick<FindHomesRequest, 'userIds'>): Promise<{ homes: { dc: number; movingTo: number; moved: boolean }[] }> {
  if (userIds.length > VIEWS_PER_CALL_MAX) throw new CallError('INVALID_ARGUMENT', `at most ${VIEWS_PER_CALL_MAX} users in one call`);
  return { homes: userIds.map((id) => ({ dc: deps.homes.of(Number(id)), movingTo: deps.homes.movingTo(Number(id)), moved: deps.homes.hasMoved(Number(id)) })) };
}
