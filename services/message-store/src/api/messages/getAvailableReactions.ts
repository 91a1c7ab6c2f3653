import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/**
 * The reactions that clients can show (docs: core.telegram.org/method/messages.getAvailableReactions). Each takes five animations, and there are none
 * here: TDLib refuses one without. Which emoji one may react with all the same says getTopReactions.
 */
export const getAvailableReactions: Method<Deps, 'messages.getAvailableReactions'> = async () => ({ _: 'messages.availableReactions', hash: 0, reactions: [] });
