import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { isShown } from '../../messages/dialogs';
import { boxState } from '../../messages/state';
import { dialogViews } from '../../messages/views';

/** The pinned dialogs in their order (docs: core.telegram.org/method/messages.getPinnedDialogs). The archive has none. */
export const getPinnedDialogs: Method<Deps, 'messages.getPinnedDialogs'> = async (deps, caller, request) => {
  if (request.folder_id !== 0 && request.folder_id !== 1) throw badRequest('FOLDER_ID_INVALID');
  const reader = await deps.engine.read(caller.userId);
  const records = request.folder_id === 0 ? reader.pinnedDialogs().filter(isShown) : [];
  return { _: 'messages.peerDialogs', ...(await dialogViews(deps, reader, caller.userId, records)), chats: [], users: [], state: boxState(reader, caller) };
};
