import type { TakeUserRequest } from '@heliograph/protos/heliograph/users/v1/homes_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../deps';
import { writeUserRows } from '../moving-rows';

/** Takes rows of a user who is on the way here. They are sealed as they were: the key of them is fetched first. Throws FAILED_PRECONDITION when the user is not. */
export async function takeUser(deps: Pick<Deps, 'dc' | 'homes' | 'storage' | 'keyring'>, request: TakeUserRequest): Promise<object> {
  const userId = Number(request.userId);
  // The directory's own word: what lives here already must not be overwritten by a mover that is late.
  const home = await deps.homes.find(userId);
  if (home?.movingTo !== deps.dc.id) throw new CallError('FAILED_PRECONDITION', 'the user is not on the way here');
  await deps.keyring.dataKey(`user:${userId}`);
  await writeUserRows(deps, userId, request);
  return {};
}
