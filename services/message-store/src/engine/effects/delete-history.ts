import type { DeleteHistory, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readMessages, readSlice, type Change, type Effect } from '../change';
import { isChannelBox, isGroupBox } from '@heliograph/box/box-id';
import { DELETE_IDS_MAX } from '../limits';
import type { PeerRow } from '../peer-row';
import { leaveLists } from './leave-lists';
import { removeMessages } from './removed';
import { deriveDeletion } from './revoke';

/**
 * Deletes the newest messages of a dialog that the bounds let through, at most `limit` (and DELETE_IDS_MAX) at a time; the reply's
 * `more` tells whether others are left. Emptying a dialog as a whole also takes it from the lists (pin and unread mark go), unless
 * it is just cleared.
 */
export function* deleteHistory(change: Change, body: DeleteHistory): Effect {
  const peer = Number(body.peer);
  const before = change.dialog(peer);
  change.more = false;
  if (isChannelBox(peer) && peer !== change.box) return hideChannelHistory(change, body);
  if (before === undefined) return;
  const limit = Math.min(body.limit > 0 ? body.limit : DELETE_IDS_MAX, DELETE_IDS_MAX);
  const ids: number[] = [];
  // Nothing alive is above the top.
  let below = (body.maxId > 0 ? Math.min(body.maxId, before.topId) : before.topId) + 1;
  for (;;) {
    const rows: PeerRow[] = yield* readSlice(before, { below, above: before.clearedMaxId });
    for (const row of rows) {
      if (row.deletedVersion !== 0n) continue;
      if ((body.minDate > 0 && row.date < body.minDate) || (body.maxDate > 0 && row.date > body.maxDate)) continue;
      if (ids.length === limit) change.more = true;
      else ids.push(row.id);
    }
    if (rows.length === 0 || change.more) break;
    below = (rows[rows.length - 1] as PeerRow).id;
  }
  const alive = (yield* readMessages(ids)).filter((record): record is MessageRecord => record !== undefined && record.deletedVersion === 0n);
  yield* removeMessages(change, alive);
  // In a group everybody empties the own copy alone.
  if (body.revoke && !isGroupBox(peer)) deriveDeletion(change, alive);
  const dialog = change.dialog(peer);
  if (dialog === undefined || dialog.messageCount > 0) return;
  const own = change.editDialog(peer);
  own.clearedMaxId = change.topId;
  if (!body.justClear) leaveLists(change, own);
}

/** Messages of a channel are in its own box: the owner sees none up to that id any more. */
function hideChannelHistory(change: Change, { peer, maxId }: DeleteHistory): void {
  const before = change.dialog(Number(peer));
  if (before === undefined || maxId <= before.clearedMaxId) return;
  const dialog = change.editDialog(Number(peer));
  dialog.clearedMaxId = maxId;
  change.announce({ case: 'channelHistoryCleared', value: { $typeName: 'heliograph.box.v1.ChannelHistoryCleared', channel: peer, maxId } });
}
