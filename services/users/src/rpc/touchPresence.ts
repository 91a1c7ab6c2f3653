import type { TouchPresenceRequest } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../deps';
import { TOUCHED_USERS_MAX } from '../limits';
import { touchPresence as touch } from '../presence';

/** Activity of users of this DC; of others it does nothing. */
export async function touchPresence(deps: Deps, { userId, userIds }: Pick<TouchPresenceRequest, 'userId' | 'userIds'>): Promise<object> {
  if (userIds.length > TOUCHED_USERS_MAX) throw new CallError('INVALID_ARGUMENT', `at most ${TOUCHED_USERS_MAX} users in one call`);
  const touched = new Set([...(userId === 0n ? [] : [userId]), ...userIds].map(Number));
  await touch(deps, [...touched].filter((id) => deps.homes.of(id) === deps.dc.id));
  return {};
}
