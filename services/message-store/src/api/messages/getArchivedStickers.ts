import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Stickers are not built: there are none in the archive (docs: core.telegram.org/method/messages.getArchivedStickers). */
export const getArchivedStickers: Method<Deps, 'messages.getArchivedStickers'> = async () => ({ _: 'messages.archivedStickers', count: 0, sets: [] });
