import { SAVED_PARTS_FOLDER } from '@heliograph/box/box-id';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { SAVED_PINNED_COUNT_MAX } from '../../limits';
import { savedPartToPin } from '../../messages/saved-dialogs';
import { submit } from '../../messages/submit';

/** Pins a part of Saved Messages above the others, or lets it go (docs: core.telegram.org/method/messages.toggleSavedDialogPin). Throws PINNED_DIALOGS_TOO_MUCH, and as `savedPartToPin`. */
export const toggleSavedDialogPin: Method<Deps, 'messages.toggleSavedDialogPin'> = async (deps, caller, request) => {
  const part = await savedPartToPin(deps, caller, request.peer);
  const pinned = request.pinned ?? false;
  const reader = await deps.engine.read(caller.userId);
  if (pinned && reader.dialog(part)?.pinnedOrder === 0 && reader.pinnedDialogs(SAVED_PARTS_FOLDER).length >= SAVED_PINNED_COUNT_MAX) throw badRequest('PINNED_DIALOGS_TOO_MUCH');
  await submit(deps, caller, { case: 'pinDialog', value: { peer: BigInt(part), pinned } });
  return true;
};
