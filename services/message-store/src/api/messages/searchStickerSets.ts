import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Stickers are not built: there are none to be found (docs: core.telegram.org/method/messages.searchStickerSets). */
export const searchStickerSets: Method<Deps, 'messages.searchStickerSets'> = async () => ({ _: 'messages.foundStickerSets', hash: 0n, sets: [] });
