import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { BOX_ITSELF } from '../../engine/ids';

/** The auto-delete period of private chats that the caller begins (docs: core.telegram.org/method/messages.getDefaultHistoryTTL). */
export const getDefaultHistoryTTL: Method<Deps, 'messages.getDefaultHistoryTTL'> = async (deps, caller) => {
  const own = (await deps.engine.read(caller.userId)).dialog(BOX_ITSELF);
  return { _: 'defaultHistoryTTL', period: own?.defaultTtlPeriod ?? 0 };
};
