import { SAVED_PARTS_FOLDER } from '@heliograph/box/box-id';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { SAVED_PINNED_COUNT_MAX } from '../../limits';
import { savedPartToPin } from '../../messages/saved-dialogs';
import { submit } from '../../messages/submit';

/**
 * Puts the pinned parts of Saved Messages in order; with `force` the others are let go (docs: core.telegram.org/method/messages.reorderPinnedSavedDialogs).
 * Throws PINNED_DIALOGS_TOO_MUCH, and as `savedPartToPin`.
 */
export const reorderPinnedSavedDialogs: Method<Deps, 'messages.reorderPinnedSavedDialogs'> = async (deps, caller, request) => {
  if (request.order.length > SAVED_PINNED_COUNT_MAX) throw badRequest('PINNED_DIALOGS_TOO_MUCH');
  const order = await Promise.all(request.order.map((input) => savedPartToPin(deps, caller, input)));
  await submit(deps, caller, { case: 'reorderPinnedDialogs', value: { order: [...new Set(order)].map(BigInt), force: request.force ?? false, folderId: SAVED_PARTS_FOLDER } });
  return true;
};
