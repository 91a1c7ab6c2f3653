import { savedPart, SAVED_PARTS_FOLDER } from '@heliograph/box/box-id';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { pageLimit } from '../../messages/page';
import { namedPeer, refuseParent } from '../../messages/peer';
import { hasParts, savedDialog, savedDialogViews } from '../../messages/saved-dialogs';

/** The parts of Saved Messages, the newest first (docs: core.telegram.org/method/messages.getSavedDialogs). `hash` is ignored. Throws PARENT_PEER_INVALID, and as `namedPeer`. */
export const getSavedDialogs: Method<Deps, 'messages.getSavedDialogs'> = async (deps, caller, request) => {
  refuseParent(request.parent_peer);
  const offsetPeer = request.offset_peer._ === 'inputPeerEmpty' ? 0 : savedPart(await namedPeer(deps, caller, request.offset_peer));
  const reader = await deps.engine.read(caller.userId);
  const limit = pageLimit(request.limit);
  const fromStart = request.offset_id <= 0 && request.offset_date <= 0;
  if (!hasParts(reader, caller.userId)) {
    const whole = savedDialog(reader, caller.userId, caller.userId);
    return { _: 'messages.savedDialogs', ...(await savedDialogViews(deps, reader, caller.userId, whole && fromStart && limit > 0 ? [whole] : [])) };
  }
  const excludePinned = request.exclude_pinned ?? false;
  const count = reader.dialogCount(SAVED_PARTS_FOLDER) - (excludePinned ? reader.pinnedDialogs(SAVED_PARTS_FOLDER).length : 0);
  const parts = reader.dialogs({ offsetDate: request.offset_date, offsetId: request.offset_id, offsetPeer, limit, excludePinned, folder: SAVED_PARTS_FOLDER });
  const views = await savedDialogViews(deps, reader, caller.userId, parts);
  return parts.length === count ? { _: 'messages.savedDialogs', ...views } : { _: 'messages.savedDialogsSlice', count, ...views };
};
