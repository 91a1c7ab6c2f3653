import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Groups of stickers are not built: there are none (docs: core.telegram.org/method/messages.getEmojiStickerGroups). */
export const getEmojiStickerGroups: Method<Deps, 'messages.getEmojiStickerGroups'> = async () => ({ _: 'messages.emojiGroups', hash: 0, groups: [] });
