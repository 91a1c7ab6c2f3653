import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Auto-delete timers are not built: new chats have none (docs: core.telegram.org/method/messages.getDefaultHistoryTTL). */
export const getDefaultHistoryTTL: Method<Deps, 'messages.getDefaultHistoryTTL'> = async () => ({ _: 'defaultHistoryTTL', period: 0 });
