import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Stickers are not built: there are none of custom emoji to be found (docs: core.telegram.org/method/messages.searchCustomEmoji). */
export const searchCustomEmoji: Method<Deps, 'messages.searchCustomEmoji'> = async () => ({ _: 'emojiList', hash: 0n, document_id: [] });
