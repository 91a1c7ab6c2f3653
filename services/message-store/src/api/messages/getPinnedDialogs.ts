import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { MAIN_LIST } from '../../engine/ids';
import { archiveEntry, folderOf, isShown } from '../../messages/dialogs';
import { boxState } from '../../messages/state';
import { dialogViews } from '../../messages/views';

/** The pinned dialogs of a folder in their order, in the main list after the archive (docs: core.telegram.org/method/messages.getPinnedDialogs). */
export const getPinnedDialogs: Method<Deps, 'messages.getPinnedDialogs'> = async (deps, caller, request) => {
  const folder = folderOf(request.folder_id);
  const reader = await deps.engine.read(caller.userId);
  const archive = folder === MAIN_LIST ? archiveEntry(reader, caller.date) : undefined;
  const views = await dialogViews(deps, reader, caller.userId, reader.pinnedDialogs(folder).filter(isShown), archive);
  return { _: 'messages.peerDialogs', ...views, chats: [], users: [], state: boxState(reader, caller) };
};
