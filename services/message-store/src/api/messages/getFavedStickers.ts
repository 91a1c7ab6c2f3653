import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Stickers are not built: there are none among the favourites (docs: core.telegram.org/method/messages.getFavedStickers). */
export const getFavedStickers: Method<Deps, 'messages.getFavedStickers'> = async () => ({ _: 'messages.favedStickers', hash: 0n, packs: [], stickers: [] });
