import type { HomeService } from '@heliograph/protos/heliograph/users/v1/homes_pb';
import { isCallError } from '@heliograph/service-kit/call-error';
import type { Client } from '@heliograph/service-kit/kit';
import { VIEWS_PER_CALL_MAX } from './limits';

/** Which of these users live, or have lived, elsewhere than where their ids say, in the order asked; VIEWS_PER_CALL_MAX are asked for at a time. A users service of the release before moves nobody. */
export async function haveMoved(homes: Pick<Client<typeof HomeService>, 'findHomes'>, users: readonly number[]): Promise<boolean[]> {
  try {
    const found: boolean[] = [];
    for (let at = 0; at < users.length; at += VIEWS_PER_CALL_MAX) {
      const { homes: page } = await homes.findHomes({ userIds: users.slice(at, at + VIEWS_PER_CALL_MAX).map(BigInt) });
      for (const { moved } of page) found.push(moved);
    }
    return found;
  } catch (error) {
    if (isCallError(error, 'UNIMPLEMENTED')) return users.map(() => false);
    throw error;
  }
}
