import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Ratings are not kept yet, so no category has peers. */
export const getTopPeers: Method<Deps, 'contacts.getTopPeers'> = async () => ({ _: 'contacts.topPeers', categories: [], chats: [], users: [] });
