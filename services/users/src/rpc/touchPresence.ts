import type { TouchPresenceRequest } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Deps } from '../deps';
import { touchPresence as touch } from '../presence';

/** Activity of a user of this DC; of others it does nothing. */
export async function touchPresence(deps: Deps, { userId }: Pick<TouchPresenceRequest, 'userId'>): Promise<object> {
  if (deps.homes.of(Number(userId)) === deps.dc.id) await touch(deps, Number(userId));
  return {};
}
