import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { ownAccount } from '../../own-profile';
import { pushUsersChanged } from '../../pushes';
import { writeProfile } from '../../tables/users';

/** A leap year stands for dates without one. */
const YEAR_UNTOLD = 2000;
const AGE_YEARS_MAX = 150;

/** Sets the birthday, or clears it when none is given. Throws BIRTHDAY_INVALID. */
export const updateBirthday: Method<Deps, 'account.updateBirthday'> = async (deps, caller, { birthday }) => {
  if (birthday) {
    const year = birthday.year ?? YEAR_UNTOLD;
    const date = new Date(Date.UTC(year, birthday.month - 1, birthday.day));
    const thisYear = new Date(caller.date * 1000).getUTCFullYear();
    const exists = date.getUTCMonth() === birthday.month - 1 && date.getUTCDate() === birthday.day;
    if (!exists || date.getTime() > caller.date * 1000 || year < thisYear - AGE_YEARS_MAX) throw badRequest('BIRTHDAY_INVALID');
  }
  const { profile } = await ownAccount(deps, caller);
  await writeProfile(deps, caller.userId, { ...profile, birthday });
  await pushUsersChanged(deps, caller.userId);
  return true;
};
