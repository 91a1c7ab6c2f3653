import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Stickers are not built: there are none of custom emoji (docs: core.telegram.org/method/messages.getEmojiStickers). */
export const getEmojiStickers: Method<Deps, 'messages.getEmojiStickers'> = async () => ({ _: 'messages.allStickers', hash: 0n, sets: [] });
