import { SAVED_PARTS_FOLDER } from '@heliograph/box/box-id';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { savedDialogViews } from '../../messages/saved-dialogs';

/** The pinned parts of Saved Messages in their order (docs: core.telegram.org/method/messages.getPinnedSavedDialogs). */
export const getPinnedSavedDialogs: Method<Deps, 'messages.getPinnedSavedDialogs'> = async (deps, caller) => {
  const reader = await deps.engine.read(caller.userId);
  return { _: 'messages.savedDialogs', ...(await savedDialogViews(deps, reader, caller.userId, reader.pinnedDialogs(SAVED_PARTS_FOLDER))) };
};
