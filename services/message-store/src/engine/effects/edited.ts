import type { BoxUpdate, Content, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change } from '../change';
import { boxUpdate, emptyMessage } from '../records';

/** Gives a message other content. `before` is alive. */
export function applyEdit(change: Change, before: MessageRecord, content: Content | undefined, hide: boolean): void {
  const record: MessageRecord = {
    ...before,
    content,
    editDate: change.date,
    editHide: hide,
    editedVersion: change.version,
    editPts: change.pts + 1,
  };
  tellEdited(change, record);
}

/** Writes the message as it is from now on and tells so, taking one pts (`editPts` of the record). */
export function tellEdited(change: Change, record: MessageRecord): void {
  const update = change.update({ case: 'edited', value: record }, 1);
  update.messagePinned = change.dialog(Number(record.peer))?.pinnedIds.includes(record.id) ?? false;
  change.message = record;
  change.rows.push({ kind: 'message', record });
  change.keep(update, storedEdit(update, record.id));
}

/** The row of an edit holds only whose it is: a difference reads the message as it is then. */
function storedEdit(update: BoxUpdate, id: number): BoxUpdate {
  return boxUpdate(update.pts, update.ptsCount, { case: 'edited', value: { ...emptyMessage(), id } });
}
