import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Stickers are not built: there are none that were featured (docs: core.telegram.org/method/messages.getOldFeaturedStickers). */
export const getOldFeaturedStickers: Method<Deps, 'messages.getOldFeaturedStickers'> = async () => ({ _: 'messages.featuredStickers', hash: 0n, count: 0, sets: [], unread: [] });
