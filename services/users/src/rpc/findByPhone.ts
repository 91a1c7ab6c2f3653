import type { FindByPhoneRequest, FindByPhoneResponseSchema } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Deps } from '../deps';
import { resumeJoined } from '../joined';
import { findUsersByPhone } from '../tables/phones';

/** Who has a number, and in which DC. A sign-up that a crash cut off before everybody was told is resumed by the way. */
export async function findByPhone(deps: Deps, { phone }: Pick<FindByPhoneRequest, 'phone'>): Promise<MessageInitShape<typeof FindByPhoneResponseSchema>> {
  const [userId] = await findUsersByPhone(deps, [phone]);
  if (userId === undefined) return { userId: 0n, dc: 0 };
  if (deps.homes.of(userId) === deps.dc.id) await resumeJoined(deps, userId);
  return { userId: BigInt(userId), dc: deps.homes.of(userId), moving: deps.homes.movingTo(userId) !== 0 };
}
