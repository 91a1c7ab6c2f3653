import { peerOf } from '@heliograph/box/render-peer';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { refuseParent } from '../../messages/peer';
import { ANNOTATED_DIALOGS_MAX } from '../../limits';

/** Dialogs that are marked unread (docs: core.telegram.org/method/messages.getDialogUnreadMarks). */
export const getDialogUnreadMarks: Method<Deps, 'messages.getDialogUnreadMarks'> = async (deps, caller, request) => {
  refuseParent(request.parent_peer);
  const reader = await deps.engine.read(caller.userId);
  return reader.annotatedDialogs(ANNOTATED_DIALOGS_MAX).filter((dialog) => dialog.unreadMark).map((dialog) => ({ _: 'dialogPeer', peer: peerOf(Number(dialog.peer)) }));
};
