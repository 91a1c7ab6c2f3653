import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Reactions are not built: there are none that were used (docs: core.telegram.org/method/messages.getRecentReactions). */
export const getRecentReactions: Method<Deps, 'messages.getRecentReactions'> = async () => ({ _: 'messages.reactions', hash: 0n, reactions: [] });
