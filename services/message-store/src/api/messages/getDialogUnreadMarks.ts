import { peerUser } from '@heliograph/box/render-message';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { ANNOTATED_DIALOGS_MAX } from '../../limits';

/** Dialogs that are marked unread (docs: core.telegram.org/method/messages.getDialogUnreadMarks). */
export const getDialogUnreadMarks: Method<Deps, 'messages.getDialogUnreadMarks'> = async (deps, caller, request) => {
  if (request.parent_peer) return [];
  const reader = await deps.engine.read(caller.userId);
  return reader.annotatedDialogs(ANNOTATED_DIALOGS_MAX).filter((dialog) => dialog.unreadMark).map((dialog) => ({ _: 'dialogPeer', peer: peerUser(Number(dialog.peer)) }));
};
