import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { REQUEST_IDS_MAX } from '../../limits';
import { submit } from '../../messages/submit';

/** Puts the folders in order; 0 is the list of all chats (docs: core.telegram.org/method/messages.updateDialogFiltersOrder). */
export const updateDialogFiltersOrder: Method<Deps, 'messages.updateDialogFiltersOrder'> = async (deps, caller, { order }) => {
  if (order.length > REQUEST_IDS_MAX) throw badRequest('LIMIT_INVALID');
  await submit(deps, caller, { case: 'orderDialogFilters', value: { order } });
  return true;
};
