import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { submit } from '../../messages/submit';
import { hasArchivedChannels, tellAsleep } from '../../messages/wake-channels';

/** Notifications of all chats are as if nothing had ever been set (docs: core.telegram.org/method/account.resetNotifySettings). */
export const resetNotifySettings: Method<Deps, 'account.resetNotifySettings'> = async (deps, caller) => {
  // Each command leaves fewer, so it ends.
  while ((await submit(deps, caller, { case: 'resetNotifySettings', value: {} })).more === true);
  if (hasArchivedChannels(await deps.engine.read(caller.userId))) await tellAsleep(deps, caller);
  return true;
};
