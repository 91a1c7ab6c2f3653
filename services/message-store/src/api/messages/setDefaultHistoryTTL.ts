import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { ttlPeriod } from '../../domain/ttl-period';
import { submit } from '../../messages/submit';

/** Messages go away after this time in private chats that the caller begins from now on, 0: never (docs: core.telegram.org/method/messages.setDefaultHistoryTTL). */
export const setDefaultHistoryTTL: Method<Deps, 'messages.setDefaultHistoryTTL'> = async (deps, caller, request) => {
  await submit(deps, caller, { case: 'setDefaultTtl', value: { period: ttlPeriod(request.period) } });
  return true;
};
