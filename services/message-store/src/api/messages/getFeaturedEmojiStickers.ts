import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Stickers are not built: there are none of custom emoji to feature (docs: core.telegram.org/method/messages.getFeaturedEmojiStickers). */
export const getFeaturedEmojiStickers: Method<Deps, 'messages.getFeaturedEmojiStickers'> = async () => ({ _: 'messages.featuredStickers', hash: 0n, count: 0, sets: [], unread: [] });
