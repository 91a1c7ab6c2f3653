import { create } from '@bufbuild/protobuf';
import { MessagesDeletedSchema, type DialogRecord, type MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { isChannelBox } from '@heliograph/box/box-id';
import type { Change, Effect } from '../change';
import { deleteDiscussed } from './channel/discussed';
import { seeMention } from './mention';
import { seeVotes } from './polls';
import { removeFromParts } from './saved-parts';
import { takeFrom } from './take-from';

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
  for (const [peer, gone] of [...byPeer].sort((a, b) => a[0] - b[0])) {
    yield* removeFromDialog(change, change.editDialog(peer), gone);
    if (peer === change.box && !isChannelBox(peer)) yield* removeFromParts(change, gone);
  }
  const ids = records.map((record) => record.id).sort((a, b) => a - b);
  change.keep(change.update({ case: 'deleted', value: create(MessagesDeletedSchema, { ids }) }, ids.length));
  if (isChannelBox(change.box)) deleteDiscussed(change, records);
}

function* removeFromDialog(change: Change, dialog: DialogRecord, gone: readonly MessageRecord[]): Effect {
  const ids = new Set(gone.map((record) => record.id));
  for (const record of gone) {
    change.rows.push({ kind: 'message', record: { ...record, content: undefined, reactions: [], deletedVersion: change.version } });
    // Of a channel nobody's reading is in its own box.
    if (!record.out && record.id > dialog.readInboxMaxId && !isChannelBox(change.box)) dialog.unreadCount -= 1;
    if (record.mentioned && record.mediaUnread) seeMention(dialog);
  }
  if (dialog.unreadReactions.some(({ id }) => ids.has(id))) dialog.unreadReactions = dialog.unreadReactions.filter(({ id }) => !ids.has(id));
  seeVotes(dialog, ids);
  if (dialog.pinnedIds.some((id) => ids.has(id))) dialog.pinnedIds = dialog.pinnedIds.filter((id) => !ids.has(id));
  yield* takeFrom(change, dialog, gone);
}
