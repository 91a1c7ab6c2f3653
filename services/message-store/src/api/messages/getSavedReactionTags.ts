import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Reactions are not built: there are none as tags (docs: core.telegram.org/method/messages.getSavedReactionTags). */
export const getSavedReactionTags: Method<Deps, 'messages.getSavedReactionTags'> = async () => ({ _: 'messages.savedReactionTags', hash: 0n, tags: [] });
