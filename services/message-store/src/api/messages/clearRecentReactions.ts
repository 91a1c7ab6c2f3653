import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { submit } from '../../messages/submit';

/** Forgets which reactions the caller used (docs: core.telegram.org/method/messages.clearRecentReactions). */
export const clearRecentReactions: Method<Deps, 'messages.clearRecentReactions'> = async (deps, caller) => {
  await submit(deps, caller, { case: 'rememberReaction', value: {} });
  return true;
};
