import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Stickers are not built: there are none of custom emoji to be found (docs: core.telegram.org/method/messages.searchEmojiStickerSets). */
export const searchEmojiStickerSets: Method<Deps, 'messages.searchEmojiStickerSets'> = async () => ({ _: 'messages.foundStickerSets', hash: 0n, sets: [] });
