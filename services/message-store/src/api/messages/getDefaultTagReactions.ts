import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Reactions are not built: there are none to tag with (docs: core.telegram.org/method/messages.getDefaultTagReactions). */
export const getDefaultTagReactions: Method<Deps, 'messages.getDefaultTagReactions'> = async () => ({ _: 'messages.reactions', hash: 0n, reactions: [] });
