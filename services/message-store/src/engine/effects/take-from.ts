import type { DialogRecord, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { bucketOfId, readRows, readSlice, type Change, type Effect, type Read, type ReadAnswer } from '../change';
import type { PeerRow } from '../peer-row';

/** Takes messages from the list of a dialog: their rows, its count and its top. `sparse`: some of them may not be in it. */
export function* takeFrom(change: Change, dialog: DialogRecord, gone: readonly MessageRecord[], sparse = false): Effect {
  const ids = new Set(gone.map((record) => record.id));
  const rows = yield* readRows(dialog, [...ids]);
  for (const row of rows) {
    if (row === undefined && sparse) continue;
    if (row === undefined) throw new Error('a message has no place in its dialog');
    dialog.messageCount -= 1;
    change.rows.push({ kind: 'peer', peer: Number(dialog.peer), bucket: bucketOfId(dialog, row.id), row: { ...row, deletedVersion: change.version } });
  }
  if (!ids.has(dialog.topId)) return;
  const top = yield* findTop(dialog, ids);
  dialog.topId = top?.id ?? 0;
  dialog.topDate = top?.date ?? 0;
}

/** The newest message of the dialog that is alive and not among `gone`. */
function* findTop(dialog: DialogRecord, gone: ReadonlySet<number>): Generator<Read, PeerRow | undefined, ReadAnswer> {
  let below = dialog.topId;
  while (dialog.messageCount > 0) {
    const rows = yield* readSlice(dialog, { below, above: dialog.clearedMaxId });
    for (const row of rows) if (row.deletedVersion === 0n && !gone.has(row.id)) return row;
    if (rows.length === 0) return undefined;
    below = (rows[rows.length - 1] as PeerRow).id;
  }
  return undefined;
}
