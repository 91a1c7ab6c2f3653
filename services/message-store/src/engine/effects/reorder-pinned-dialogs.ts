import type { ReorderPinnedDialogs } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, Effect } from '../change';
import { isEmptyPart } from './saved-parts';

/**
 * Puts the pinned dialogs of a folder in this order. Those not named follow in their order, or are unpinned (`force`). Only `force` pins one
 * that was not; peers without a dialog in that folder are passed over.
 */
export function* reorderPinnedDialogs(change: Change, body: ReorderPinnedDialogs): Effect {
  const before = change.state.dialogs.pinned(body.folderId);
  const named = [...new Set(body.order.map(Number))].filter((peer) => {
    const dialog = change.dialog(peer);
    return dialog !== undefined && dialog.folderId === body.folderId && !isEmptyPart(dialog) && (body.force || dialog.pinnedOrder > 0);
  });
  const unnamed = before.map((dialog) => Number(dialog.peer)).filter((peer) => !named.includes(peer));
  const order = body.force ? named : [...named, ...unnamed];
  if (order.length === before.length && order.every((peer, index) => Number(before[index]?.peer) === peer)) return;
  order.forEach((peer, index) => {
    if (change.dialog(peer)?.pinnedOrder !== index + 1) change.editDialog(peer).pinnedOrder = index + 1;
  });
  if (body.force) for (const peer of unnamed) change.editDialog(peer).pinnedOrder = 0;
  change.announce({ case: 'pinnedDialogs', value: { $typeName: 'heliograph.box.v1.PinnedDialogsChanged', order: order.map(BigInt), folderId: body.folderId } });
}
