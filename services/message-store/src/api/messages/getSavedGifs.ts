import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** GIFs are not built: none is saved (docs: core.telegram.org/method/messages.getSavedGifs). */
export const getSavedGifs: Method<Deps, 'messages.getSavedGifs'> = async () => ({ _: 'messages.savedGifs', hash: 0n, gifs: [] });
