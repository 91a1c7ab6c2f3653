import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Stickers are not built: there are none to feature (docs: core.telegram.org/method/messages.getFeaturedStickers). */
export const getFeaturedStickers: Method<Deps, 'messages.getFeaturedStickers'> = async () => ({ _: 'messages.featuredStickers', hash: 0n, count: 0, sets: [], unread: [] });
