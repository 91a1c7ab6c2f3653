import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Tags in Saved Messages take a premium account, of which there are none (docs: core.telegram.org/method/messages.getDefaultTagReactions). */
export const getDefaultTagReactions: Method<Deps, 'messages.getDefaultTagReactions'> = async () => ({ _: 'messages.reactions', hash: 0n, reactions: [] });
