import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No emoji status can be set, so none was recently. */
export const getRecentEmojiStatuses: Method<Deps, 'account.getRecentEmojiStatuses'> = async () => ({ _: 'account.emojiStatuses', hash: 0n, statuses: [] });
