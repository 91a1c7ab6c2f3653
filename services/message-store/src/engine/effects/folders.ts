import type { DialogRecord, FolderPeer, SetFolders } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, Effect } from '../change';
import { ARCHIVE, MAIN_LIST, BOX_ITSELF } from '../ids';
import { isMutedAt } from './notify';

/** Puts dialogs into the archive, or back into the main list. Peers without a dialog are passed over; a pinned dialog is unpinned with it. */
export function* setFolders(change: Change, { peers }: SetFolders): Effect {
  const moved: FolderPeer[] = [];
  for (const { peer, folderId } of peers) {
    const before = change.dialog(Number(peer));
    if (before === undefined || before.folderId === folderId) continue;
    moveTo(change, change.editDialog(Number(peer)), folderId);
    moved.push({ $typeName: 'heliograph.box.v1.FolderPeer', peer, folderId });
  }
  if (moved.length > 0) tellFolders(change, moved);
}

/** An archived dialog that isn't muted comes back with a new incoming message (docs: core.telegram.org/api/folders#peer-folders). `dialog` is an own copy. */
export function comeBack(change: Change, dialog: DialogRecord): void {
  if (dialog.folderId !== ARCHIVE || isMutedAt(change.dialog(BOX_ITSELF)?.settings, dialog, change.date)) return;
  moveTo(change, dialog, MAIN_LIST);
  tellFolders(change, [{ $typeName: 'heliograph.box.v1.FolderPeer', peer: dialog.peer, folderId: MAIN_LIST }]);
}

function moveTo(change: Change, dialog: DialogRecord, folderId: number): void {
  if (dialog.pinnedOrder > 0) {
    change.announce({ case: 'dialogPin', value: { $typeName: 'heliograph.box.v1.DialogPinChanged', peer: dialog.peer, pinned: false, folderId: dialog.folderId } });
    dialog.pinnedOrder = 0;
  }
  dialog.folderId = folderId;
}

/** Takes a pts: sessions that are away learn it by the difference. */
function tellFolders(change: Change, peers: FolderPeer[]): void {
  change.keep(change.update({ case: 'folders', value: { $typeName: 'heliograph.box.v1.FoldersChanged', peers } }, 1));
}
