import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No emoji statuses are offered. */
export const getDefaultEmojiStatuses: Method<Deps, 'account.getDefaultEmojiStatuses'> = async () => ({ _: 'account.emojiStatuses', hash: 0n, statuses: [] });
