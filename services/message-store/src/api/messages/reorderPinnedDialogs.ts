import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { PINNED_DIALOGS_MAX } from '../../limits';
import { dialogPeer } from '../../messages/peer';
import { submit } from '../../messages/submit';

/** Puts pinned dialogs in order; with `force` the others are let go (docs: core.telegram.org/method/messages.reorderPinnedDialogs). */
export const reorderPinnedDialogs: Method<Deps, 'messages.reorderPinnedDialogs'> = async (deps, caller, request) => {
  if (request.folder_id !== 0) throw badRequest('FOLDER_ID_INVALID');
  const order = [...new Set(await Promise.all(request.order.map((input) => dialogPeer(deps, caller, input))))];
  if (order.length > PINNED_DIALOGS_MAX) throw badRequest('PINNED_DIALOGS_TOO_MUCH');
  await submit(deps, caller, { case: 'reorderPinnedDialogs', value: { order: order.map(BigInt), force: request.force ?? false } });
  return true;
};
