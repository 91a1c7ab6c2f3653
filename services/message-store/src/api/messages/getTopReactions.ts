import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Reactions are not built: there are none that are popular (docs: core.telegram.org/method/messages.getTopReactions). */
export const getTopReactions: Method<Deps, 'messages.getTopReactions'> = async () => ({ _: 'messages.reactions', hash: 0n, reactions: [] });
