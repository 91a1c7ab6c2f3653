import type { SaveDraft } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, Effect } from '../change';

/** Keeps (or, when empty, erases) what the owner was writing. Outside the pts sequence. */
export function* saveDraft(change: Change, body: SaveDraft): Effect {
  const peer = Number(body.peer);
  const before = change.dialog(peer);
  if (body.sealed.length === 0 && (before === undefined || before.draftSealed.length === 0)) return;
  const dialog = change.editDialog(peer);
  dialog.draftSealed = body.sealed;
  dialog.draftDate = change.date;
  change.announce({ case: 'draft', value: { $typeName: 'heliograph.box.v1.DraftChanged', peer: body.peer, sealed: body.sealed, date: change.date } });
}
