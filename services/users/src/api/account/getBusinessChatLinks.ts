import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Business links can't be made here, so there are none. */
export const getBusinessChatLinks: Method<Deps, 'account.getBusinessChatLinks'> = async () => ({ _: 'account.businessChatLinks', links: [], chats: [], users: [] });
