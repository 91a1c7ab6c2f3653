import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No custom emojis are offered as backgrounds. */
export const getDefaultBackgroundEmojis: Method<Deps, 'account.getDefaultBackgroundEmojis'> = async () => ({ _: 'emojiList', hash: 0n, document_id: [] });
