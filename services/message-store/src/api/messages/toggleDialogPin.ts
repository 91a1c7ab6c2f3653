import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { pinnedDialogsMax } from '../../messages/dialogs';
import { dialogPeer } from '../../messages/peer';
import { submit } from '../../messages/submit';

/** Pins a dialog above the others of its folder or lets it go (docs: core.telegram.org/method/messages.toggleDialogPin). Throws PEER_HISTORY_EMPTY, PINNED_DIALOGS_TOO_MUCH. */
export const toggleDialogPin: Method<Deps, 'messages.toggleDialogPin'> = async (deps, caller, request) => {
  const peer = await dialogPeer(deps, caller, request.peer);
  const pinned = request.pinned ?? false;
  const reader = await deps.engine.read(caller.userId);
  const dialog = reader.dialog(peer);
  if (!dialog) throw badRequest('PEER_HISTORY_EMPTY');
  if (pinned && dialog.pinnedOrder === 0 && reader.pinnedDialogs(dialog.folderId).length >= pinnedDialogsMax(dialog.folderId)) throw badRequest('PINNED_DIALOGS_TOO_MUCH');
  await submit(deps, caller, { case: 'pinDialog', value: { peer: BigInt(peer), pinned } });
  return true;
};
