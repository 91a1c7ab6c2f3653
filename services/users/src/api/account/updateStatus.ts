import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { updatePresence } from '../../presence';

/** Shows the caller online for a while, or offline at once. */
export const updateStatus: Method<Deps, 'account.updateStatus'> = async (deps, caller, { offline }) => {
  await updatePresence(deps, caller.userId, offline);
  return true;
};
