import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { searchesLeft, searchedText } from '../../messages/post-searches';

/** How many searches of public posts by text the caller has left today (docs: core.telegram.org/method/channels.checkSearchPostsFlood). */
export const checkSearchPostsFlood: Method<Deps, 'channels.checkSearchPostsFlood'> = async (deps, caller, { query }) =>
  searchesLeft(await deps.postSearches.look(caller.userId, caller.date, query === undefined ? undefined : searchedText(query)));
