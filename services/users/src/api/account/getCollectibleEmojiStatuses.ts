import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Nobody owns collectible statuses here. */
export const getCollectibleEmojiStatuses: Method<Deps, 'account.getCollectibleEmojiStatuses'> = async () => ({ _: 'account.emojiStatuses', hash: 0n, statuses: [] });
