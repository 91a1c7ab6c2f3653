import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Stickers are not built: there are none made by the caller (docs: core.telegram.org/method/messages.getMyStickers). */
export const getMyStickers: Method<Deps, 'messages.getMyStickers'> = async () => ({ _: 'messages.myStickers', count: 0, sets: [] });
