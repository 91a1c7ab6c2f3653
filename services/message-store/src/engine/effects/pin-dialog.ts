import type { PinDialog } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, Effect } from '../change';
import { isEmptyPart } from './saved-parts';

/** Pins a dialog before the other pinned ones of its folder, or unpins it. Refuses PEER_ID_INVALID where there is no dialog, or nothing in a part of Saved Messages. */
export function* pinDialog(change: Change, body: PinDialog): Effect {
  const peer = Number(body.peer);
  const before = change.dialog(peer);
  if (before === undefined || isEmptyPart(before)) return change.refuse('PEER_ID_INVALID');
  if (before.pinnedOrder > 0 === body.pinned) return;
  const others = change.state.dialogs.pinned(before.folderId).filter((dialog) => dialog.peer !== body.peer);
  const first = body.pinned ? 2 : 1;
  others.forEach((dialog, index) => {
    if (dialog.pinnedOrder !== first + index) change.editDialog(Number(dialog.peer)).pinnedOrder = first + index;
  });
  change.editDialog(peer).pinnedOrder = body.pinned ? 1 : 0;
  change.announce({ case: 'dialogPin', value: { $typeName: 'heliograph.box.v1.DialogPinChanged', peer: body.peer, pinned: body.pinned, folderId: before.folderId } });
}
