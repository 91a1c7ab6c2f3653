import { isChannelBox } from '@heliograph/box/box-id';
import type { BoxSettings, ChannelNews, DialogRecord, FolderPeer, SetFolders, WakeChannels } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, Effect } from '../change';
import { ARCHIVE, MAIN_LIST, BOX_ITSELF } from '../ids';
import { isMutedAt } from './notify';

/** Puts dialogs into the archive, or back into the main list. Peers without a dialog are passed over; a pinned dialog is unpinned with it. */
export function* setFolders(change: Change, { peers }: SetFolders): Effect {
  const moved: FolderPeer[] = [];
  for (const { peer, folderId, topId } of peers) {
    const before = change.dialog(Number(peer));
    if (before === undefined || before.folderId === folderId) continue;
    const dialog = change.editDialog(Number(peer));
    moveTo(change, dialog, folderId);
    if (isChannelBox(Number(peer))) dialog.archivedMaxId = folderId === ARCHIVE ? topId : 0;
    dialog.archivedUntil = 0;
    moved.push(folderPeer(peer, folderId));
  }
  if (moved.length > 0) tellFolders(change, moved);
}

/** An archived dialog that isn't muted comes back with a new incoming message (docs: core.telegram.org/api/folders#peer-folders). `dialog` is an own copy. */
export function comeBack(change: Change, dialog: DialogRecord): void {
  if (dialog.folderId !== ARCHIVE || isMutedAt(change.dialog(BOX_ITSELF)?.settings, dialog, change.date)) return;
  moveTo(change, dialog, MAIN_LIST);
  tellFolders(change, [folderPeer(dialog.peer, MAIN_LIST)]);
}

/** The same for channels, whose messages are in no box of their members: who reads for the owner says what is new there. */
export function* wakeChannels(change: Change, { news }: WakeChannels): Effect {
  const moved: FolderPeer[] = [];
  for (const message of news) {
    const before = change.dialog(Number(message.channel));
    if (before === undefined || !wakes(change.dialog(BOX_ITSELF)?.settings, before, message)) continue;
    const dialog = change.editDialog(Number(message.channel));
    moveTo(change, dialog, MAIN_LIST);
    dialog.archivedMaxId = dialog.archivedUntil = 0;
    moved.push(folderPeer(message.channel, MAIN_LIST));
  }
  if (moved.length > 0) tellFolders(change, moved);
}

/** Whether a message of somebody else in a channel brings it back from the archive: it came after that, and while the channel was not muted. */
export function wakes(settings: BoxSettings | undefined, dialog: DialogRecord, { id, date }: Pick<ChannelNews, 'id' | 'date'>): boolean {
  if (dialog.folderId !== ARCHIVE || dialog.membership?.present !== true) return false;
  return id > archivedUpTo(dialog) && date > dialog.archivedUntil && !isMutedAt(settings, dialog, date);
}

/** Messages of an archived channel up to this id leave it there. */
export const archivedUpTo = ({ archivedMaxId, readInboxMaxId }: DialogRecord): number => archivedMaxId || readInboxMaxId;

const folderPeer = (peer: bigint, folderId: number): FolderPeer => ({ $typeName: 'heliograph.box.v1.FolderPeer', peer, folderId, topId: 0 });

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
