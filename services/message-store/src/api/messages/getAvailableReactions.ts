import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Reactions are not built: there are none that may be used (docs: core.telegram.org/method/messages.getAvailableReactions). */
export const getAvailableReactions: Method<Deps, 'messages.getAvailableReactions'> = async () => ({ _: 'messages.availableReactions', hash: 0, reactions: [] });
