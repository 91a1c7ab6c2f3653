import { create } from '@bufbuild/protobuf';
import { InboxReadSchema, type ReadInbox } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readSlice, type Change, type Effect } from '../change';
import { isGroupBox } from '@heliograph/box/box-id';
import { hasBox } from '../ids';
import { tellGroup } from './group/tell-group';
import type { PeerRow } from '../peer-row';

/** Reads incoming messages up to an id (0: all), and tells the peer up to which of its messages. */
export function* readInbox(change: Change, body: ReadInbox): Effect {
  const peer = Number(body.peer);
  const before = change.dialog(peer);
  if (before === undefined) return;
  const upTo = body.maxId > 0 ? Math.min(body.maxId, change.topId) : change.topId;
  if (before.unreadMark) {
    change.editDialog(peer).unreadMark = false;
    change.announce({ case: 'unreadMark', value: { $typeName: 'heliograph.box.v1.DialogUnreadMarkChanged', peer: body.peer, unread: false } });
  }
  if (upTo <= before.readInboxMaxId || before.lastIncomingId <= before.readInboxMaxId) return;
  let read = 0;
  let originId = 0;
  if (upTo >= before.lastIncomingId) {
    read = before.unreadCount;
    originId = before.lastIncomingOriginId;
  } else {
    // From the oldest unread on: each row is stepped over once, however often the owner reads.
    let above = Math.max(before.readInboxMaxId, before.clearedMaxId);
    for (;;) {
      const rows: PeerRow[] = yield* readSlice(before, { below: upTo + 1, above, oldestFirst: true });
      for (const row of rows) {
        if (row.out) continue;
        originId = row.originId;
        if (row.deletedVersion === 0n) read += 1;
      }
      if (rows.length === 0) break;
      above = (rows[rows.length - 1] as PeerRow).id;
    }
  }
  const dialog = change.editDialog(peer);
  dialog.readInboxMaxId = upTo;
  dialog.unreadCount = Math.max(0, dialog.unreadCount - read);
  change.keep(change.update({ case: 'inboxRead', value: create(InboxReadSchema, { peer: body.peer, maxId: upTo, stillUnread: dialog.unreadCount, folderId: dialog.folderId }) }, 1));
  if (originId === 0 || peer === change.box) return;
  if (isGroupBox(peer)) return tellGroup(change, peer, { case: 'read', value: { $typeName: 'heliograph.box.v1.GroupRead', id: originId } });
  if (!hasBox(peer)) return;
  change.derived.push({ box: peer, body: { case: 'readOutbox', value: { $typeName: 'heliograph.box.v1.ReadOutbox', peer: BigInt(change.box), maxId: originId } } });
}
