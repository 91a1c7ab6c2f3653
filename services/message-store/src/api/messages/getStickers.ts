import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Stickers are not built: there are none for any emoji (docs: core.telegram.org/method/messages.getStickers). */
export const getStickers: Method<Deps, 'messages.getStickers'> = async () => ({ _: 'messages.stickers', hash: 0n, stickers: [] });
