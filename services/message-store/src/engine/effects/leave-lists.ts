import type { DialogRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change } from '../change';

/** Takes what kept a dialog in the lists, its pin and its unread mark. @param dialog an own copy */
export function leaveLists(change: Change, dialog: DialogRecord): void {
  const { peer, folderId } = dialog;
  if (dialog.pinnedOrder > 0) {
    dialog.pinnedOrder = 0;
    change.announce({ case: 'dialogPin', value: { $typeName: 'heliograph.box.v1.DialogPinChanged', peer, pinned: false, folderId } });
  }
  if (dialog.unreadMark) {
    dialog.unreadMark = false;
    change.announce({ case: 'unreadMark', value: { $typeName: 'heliograph.box.v1.DialogUnreadMarkChanged', peer, unread: false } });
  }
}
