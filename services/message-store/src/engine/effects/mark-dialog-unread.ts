import type { MarkDialogUnread } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, Effect } from '../change';

/** Marks a dialog as unread, or takes the mark off. Refuses PEER_ID_INVALID where there is no dialog. */
export function* markDialogUnread(change: Change, body: MarkDialogUnread): Effect {
  const peer = Number(body.peer);
  const before = change.dialog(peer);
  if (before === undefined) return change.refuse('PEER_ID_INVALID');
  if (before.unreadMark === body.unread) return;
  change.editDialog(peer).unreadMark = body.unread;
  change.announce({ case: 'unreadMark', value: { $typeName: 'heliograph.box.v1.DialogUnreadMarkChanged', peer: body.peer, unread: body.unread } });
}
