import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Stickers are not built: there are none for masks (docs: core.telegram.org/method/messages.getMaskStickers). */
export const getMaskStickers: Method<Deps, 'messages.getMaskStickers'> = async () => ({ _: 'messages.allStickers', hash: 0n, sets: [] });
