import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Stickers are not built: there are none to be found (docs: core.telegram.org/method/messages.searchStickers). */
export const searchStickers: Method<Deps, 'messages.searchStickers'> = async () => ({ _: 'messages.foundStickers', hash: 0n, stickers: [] });
