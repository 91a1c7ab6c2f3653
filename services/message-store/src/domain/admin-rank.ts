import { badRequest } from '@heliograph/client-api/rpc-error';
import { ADMIN_RANK_CHARACTERS_MAX } from '../limits';

/** What an admin is called instead of "admin"; it may be empty. Throws ADMIN_RANK_INVALID (too long), ADMIN_RANK_EMOJI_NOT_ALLOWED (docs: core.telegram.org/method/channels.editAdmin). */
export function adminRank(given: string): string {
  const rank = given.trim();
  if (/\p{Extended_Pictographic}/u.test(rank)) throw badRequest('ADMIN_RANK_EMOJI_NOT_ALLOWED');
  if ([...rank].length > ADMIN_RANK_CHARACTERS_MAX || /\p{Cc}/u.test(rank)) throw badRequest('ADMIN_RANK_INVALID');
  return rank;
}
