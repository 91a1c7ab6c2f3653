import { create } from '@bufbuild/protobuf';
import { MessagesDeletedSchema, type DialogRecord, type MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { isChannelBox } from '@heliograph/box/box-id';
import { bucketOfId, readRows, readSlice, type Change, type Effect, type Read, type ReadAnswer } from '../change';
import type { PeerRow } from '../peer-row';
import { deleteDiscussed } from './channel/discussed';
import { seeMention } from './mention';
import { seeVotes } from './polls';

/**
 * Marks messages as deleted and repairs what counted them: number, unread, top, pins of their dialogs. The rows stay, without
 * content, with the version as mark: a repetition after a crash counts those without a mark *or with its own*.
 * @param records alive as of just before the command, each once
 */
export function* removeMessages(change: Change, records: readonly MessageRecord[]): Effect {
  if (records.length === 0) return;
  const byPeer = new Map<number, MessageRecord[]>();
  for (const record of records) {
    const peer = Number(record.peer);
    const list = byPeer.get(peer);
    if (list === undefined) byPeer.set(peer, [record]);
    else list.push(record);
  }
  for (const [peer, gone] of [...byPeer].sort((a, b) => a[0] - b[0])) yield* removeFromDialog(change, change.editDialog(peer), gone);
  const ids = records.map((record) => record.id).sort((a, b) => a - b);
  change.keep(change.update({ case: 'deleted', value: create(MessagesDeletedSchema, { ids }) }, ids.length));
  if (isChannelBox(change.box)) deleteDiscussed(change, records);
}

function* removeFromDialog(change: Change, dialog: DialogRecord, gone: readonly MessageRecord[]): Effect {
  const ids = new Set(gone.map((record) => record.id));
  const rows = yield* readRows(dialog, gone.map((record) => record.id));
  for (const [index, record] of gone.entries()) {
    const row = rows[index];
    if (row === undefined) throw new Error('a message has no place in its dialog');
    change.rows.push({ kind: 'message', record: { ...record, content: undefined, reactions: [], deletedVersion: change.version } });
    change.rows.push({ kind: 'peer', peer: Number(dialog.peer), bucket: bucketOfId(dialog, record.id), row: { ...row, deletedVersion: change.version } });
    // Of a channel nobody's reading is in its own box.
    if (!record.out && record.id > dialog.readInboxMaxId && !isChannelBox(change.box)) dialog.unreadCount -= 1;
    if (record.mentioned && record.mediaUnread) seeMention(dialog);
    dialog.messageCount -= 1;
  }
  if (dialog.unreadReactions.some(({ id }) => ids.has(id))) dialog.unreadReactions = dialog.unreadReactions.filter(({ id }) => !ids.has(id));
  seeVotes(dialog, ids);
  if (dialog.pinnedIds.some((id) => ids.has(id))) dialog.pinnedIds = dialog.pinnedIds.filter((id) => !ids.has(id));
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
