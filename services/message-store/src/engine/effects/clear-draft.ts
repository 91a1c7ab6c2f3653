import type { Change } from '../change';

/** Takes the draft of a dialog away with the message that it became. */
export function clearDraft(change: Change, peer: number): void {
  if ((change.dialog(peer)?.draftSealed.length ?? 0) === 0) return;
  const dialog = change.editDialog(peer);
  dialog.draftSealed = new Uint8Array(0);
  dialog.draftDate = change.date;
  change.announce({ case: 'draft', value: { $typeName: 'heliograph.box.v1.DraftChanged', peer: BigInt(peer), sealed: dialog.draftSealed, date: change.date } });
}
