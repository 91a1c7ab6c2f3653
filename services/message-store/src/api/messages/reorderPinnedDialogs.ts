import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { ARCHIVE, MAIN_LIST } from '../../engine/ids';
import { folderOf, pinnedDialogsMax } from '../../messages/dialogs';
import { dialogPeer } from '../../messages/peer';
import { submit } from '../../messages/submit';

/** Puts the pinned dialogs of a folder in order; with `force` the others are let go (docs: core.telegram.org/method/messages.reorderPinnedDialogs). */
export const reorderPinnedDialogs: Method<Deps, 'messages.reorderPinnedDialogs'> = async (deps, caller, request) => {
  const folder = folderOf(request.folder_id);
  // The archive is among the pinned ones of the main list, always the first.
  const named = request.order.filter((input) => input._ !== 'inputDialogPeerFolder' || input.folder_id !== ARCHIVE || folder !== MAIN_LIST);
  const order = [...new Set(await Promise.all(named.map((input) => dialogPeer(deps, caller, input))))];
  if (order.length > pinnedDialogsMax(folder)) throw badRequest('PINNED_DIALOGS_TOO_MUCH');
  await submit(deps, caller, { case: 'reorderPinnedDialogs', value: { order: order.map(BigInt), force: request.force ?? false, folderId: folder } });
  return true;
};
