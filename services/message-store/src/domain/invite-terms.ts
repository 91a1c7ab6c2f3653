import { badRequest } from '@heliograph/client-api/rpc-error';
import { INVITE_TITLE_CHARACTERS_MAX, INVITE_USAGE_COUNT_MAX } from '../limits';

/** Until when a link holds, 0: for ever. `now`, `expireDate`: Unix seconds. Throws EXPIRE_DATE_INVALID. */
export function inviteExpireDate(expireDate: number, now: number): number {
  if (expireDate !== 0 && expireDate <= now) throw badRequest('EXPIRE_DATE_INVALID');
  return expireDate;
}

/** How many may join by a link, 0: any number; a link by which one asks has no limit. Throws USAGE_LIMIT_INVALID. */
export function inviteUsageLimit(limit: number, requestNeeded = false): number {
  if (limit < 0 || limit > INVITE_USAGE_COUNT_MAX || (requestNeeded && limit > 0)) throw badRequest('USAGE_LIMIT_INVALID');
  return limit;
}

/** What its admins call a link, cut at INVITE_TITLE_CHARACTERS_MAX. */
export const inviteTitle = (given: string): string => [...given.trim()].slice(0, INVITE_TITLE_CHARACTERS_MAX).join('');
