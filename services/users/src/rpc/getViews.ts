import type { GetViewsRequest, GetViewsResponseSchema } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../deps';
import { VIEWS_PER_CALL_MAX } from '../limits';
import { findViewsForElsewhere, findViewsRemembered } from '../views';

/** Users as one viewer may see them; unknown ids are left out. */
export async function getViews(deps: Deps, { viewerId, userIds, saved, fromOtherDc }: Pick<GetViewsRequest, 'viewerId' | 'userIds' | 'saved' | 'fromOtherDc'>): Promise<MessageInitShape<typeof GetViewsResponseSchema>> {
  if (userIds.length > VIEWS_PER_CALL_MAX) throw new CallError('INVALID_ARGUMENT', `at most ${VIEWS_PER_CALL_MAX} users in one call`);
  if (fromOtherDc) return { users: await findViewsForElsewhere(deps, Number(viewerId), userIds.map(Number), new Map(saved.map(({ userId, phoneMac }) => [Number(userId), phoneMac]))) };
  return { users: await findViewsRemembered(deps, Number(viewerId), userIds.map(Number)) };
}
