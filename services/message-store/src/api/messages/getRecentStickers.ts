import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Stickers are not built: there are none that were used (docs: core.telegram.org/method/messages.getRecentStickers). */
export const getRecentStickers: Method<Deps, 'messages.getRecentStickers'> = async () => ({ _: 'messages.recentStickers', hash: 0n, packs: [], stickers: [], dates: [] });
