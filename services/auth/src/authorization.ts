import { accessHash } from '@heliograph/client-api/access-hash';
import type { CallerContext } from '@heliograph/client-api/method';
import { unauthorized } from '@heliograph/client-api/rpc-error';
import { userFromView } from '@heliograph/client-api/user';
import type { TypeAuthAuthorization, User } from '@heliograph/tl/api';
import type { Deps } from './deps';
import { logIn, type NewLogin } from './logins';
import { noticeNewLogin } from './service-notices';

/** The user as they see themselves. Throws 401 USER_DEACTIVATED when the account is gone. */
export async function selfUser(deps: Pick<Deps, 'users' | 'accessSecret'>, userId: number): Promise<User> {
  const { users } = await deps.users.getViews({ viewerId: BigInt(userId), userIds: [BigInt(userId)] });
  const view = users[0];
  if (!view || view.deleted) throw unauthorized('USER_DEACTIVATED');
  return userFromView(view, accessHash(deps.accessSecret(userId), userId, 'user', userId));
}

/** Logs the caller in as that user, tells the user's other sessions, and answers what every kind of login answers. */
export async function authorize(deps: Deps, caller: CallerContext, user: NewLogin): Promise<TypeAuthAuthorization> {
  const self = await selfUser(deps, user.userId);
  const { others } = await logIn(deps, caller, user);
  if (others.length > 0 && user.parentKey === 0n && !user.bot) {
    const notice = { keyId: caller.authKeyId, firstName: self.first_name ?? '', device: caller.client?.deviceModel ?? '', ip: caller.ip, date: caller.date };
    deps.inBackground('tell of a new login', () => noticeNewLogin(deps, user.userId, notice));
  }
  return { _: 'auth.authorization', user: self };
}
