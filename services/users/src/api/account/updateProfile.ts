import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { ABOUT_CHARS_MAX, NAME_CHARS_MAX } from '../../limits';
import { namesChanged, ownAccount, ownUser } from '../../own-profile';
import { pushUsersChanged } from '../../pushes';
import { writeProfile } from '../../tables/users';

/** Changes the names and the bio that are given. Throws FIRSTNAME_INVALID, LASTNAME_INVALID, ABOUT_TOO_LONG. */
export const updateProfile: Method<Deps, 'account.updateProfile'> = async (deps, caller, request) => {
  const first = request.first_name?.trim();
  const last = request.last_name?.trim();
  const about = request.about?.trim();
  if (first !== undefined && (first === '' || first.length > NAME_CHARS_MAX)) throw badRequest('FIRSTNAME_INVALID');
  if (last !== undefined && last.length > NAME_CHARS_MAX) throw badRequest('LASTNAME_INVALID');
  if (about !== undefined && about.length > ABOUT_CHARS_MAX) throw badRequest('ABOUT_TOO_LONG');
  const { row, profile } = await ownAccount(deps, caller);
  const next = { ...profile, first_name: first ?? profile.first_name, last_name: last ?? profile.last_name, about: about === undefined ? profile.about : about || undefined };
  await writeProfile(deps, caller.userId, next);
  if (next.first_name !== profile.first_name || next.last_name !== profile.last_name) return namesChanged(deps, caller, next, row.username ?? '');
  await pushUsersChanged(deps, caller.userId);
  return ownUser(deps, caller);
};
