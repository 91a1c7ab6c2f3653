import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No t.me links are recommended. */
export const getRecentMeUrls: Method<Deps, 'help.getRecentMeUrls'> = async () => ({ _: 'help.recentMeUrls', urls: [], chats: [], users: [] });
