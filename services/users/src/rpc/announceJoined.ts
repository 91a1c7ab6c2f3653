import type { AnnounceJoinedRequest } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Deps } from '../deps';
import { announceJoinedHere } from '../joined';

/** Somebody signed up in whichever DC: those here who have the number get the contact and a message. Idempotent. */
export async function announceJoined(deps: Deps, { userId, phone, silent }: Pick<AnnounceJoinedRequest, 'userId' | 'phone' | 'silent'>): Promise<object> {
  await announceJoinedHere(deps, { userId: Number(userId), phone, silent });
  return {};
}
