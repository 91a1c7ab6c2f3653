import type { HomeService } from '@heliograph/protos/heliograph/users/v1/homes_pb';
import { isCallError } from '@heliograph/service-kit/call-error';
import type { Client } from '@heliograph/service-kit/kit';

/** Which of these users live, or have lived, elsewhere than where their ids say, in the order asked. A users service of the release before moves nobody. */
export async function haveMoved(homes: Pick<Client<typeof HomeService>, 'findHomes'>, users: readonly number[]): Promise<boolean[]> {
  try {
    return (await homes.findHomes({ userIds: users.map(BigInt) })).homes.map(({ moved }) => moved);
  } catch (error) {
    if (isCallError(error, 'UNIMPLEMENTED')) return users.map(() => false);
    throw error;
  }
}
