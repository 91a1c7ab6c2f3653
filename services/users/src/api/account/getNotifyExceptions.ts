import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No chat has notification settings of its own, for the same reason as in account.getNotifySettings. */
export const getNotifyExceptions: Method<Deps, 'account.getNotifyExceptions'> = async (_deps, caller) => ({ _: 'updates', updates: [], users: [], chats: [], date: caller.date, seq: 0 });
