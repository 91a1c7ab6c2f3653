import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No emoji statuses are offered to channels. */
export const getChannelDefaultEmojiStatuses: Method<Deps, 'account.getChannelDefaultEmojiStatuses'> = async () => ({ _: 'account.emojiStatuses', hash: 0n, statuses: [] });
