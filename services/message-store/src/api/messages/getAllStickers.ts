import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Stickers are not built: there are none installed (docs: core.telegram.org/method/messages.getAllStickers). */
export const getAllStickers: Method<Deps, 'messages.getAllStickers'> = async () => ({ _: 'messages.allStickers', hash: 0n, sets: [] });
