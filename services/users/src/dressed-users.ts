import { create } from '@bufbuild/protobuf';
import { UserViewSchema } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { accessHash } from '@heliograph/client-api/access-hash';
import { userFromView } from '@heliograph/client-api/user';
import type { User } from '@heliograph/tl/api';
import type { Deps } from './deps';
import { findViews } from './views';

/** TL users as the viewer sees them, for results that are users themselves; unknown ids are left out. */
export async function findDressedUsers(deps: Deps, viewerId: number, userIds: readonly number[]): Promise<User[]> {
  const views = await findViews(deps, viewerId, userIds);
  const byId = new Map(views.map((view) => [Number(view.id), create(UserViewSchema, view)]));
  const secret = deps.accessSecret(viewerId);
  return userIds.flatMap((id) => {
    const view = byId.get(id);
    return view ? [userFromView(view, accessHash(secret, viewerId, 'user', id))] : [];
  });
}
