import type { DataKey } from '@heliograph/crypto/keyring';
import type { DialogRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Dialog } from '@heliograph/tl/api';
import { openDraft } from './content';
import { renderNotifySettings } from './notify-settings';
import { peerOf } from './render-peer';

/**
 * A dialog of `box` in the newest layer. `userKey`: of the owner's private state: draft and notification settings.
 * `channelPts`: of a channel, whose newest message and counts the record then has as the owner sees them.
 */
export function renderDialog(box: number, record: DialogRecord, userKey: DataKey, channelPts?: number): Dialog {
  const peer = Number(record.peer);
  const dialog: Dialog = {
    _: 'dialog',
    peer: peerOf(peer),
    top_message: record.topId,
    read_inbox_max_id: record.readInboxMaxId,
    read_outbox_max_id: record.readOutboxMaxId,
    unread_count: record.unreadCount,
    unread_mentions_count: record.unreadMentionsCount,
    unread_reactions_count: new Set(record.unreadReactions.map(({ id }) => id)).size,
    unread_poll_votes_count: record.unreadVotes.length,
    notify_settings: renderNotifySettings(userKey, box, { peer }, record.notify),
  };
  if (channelPts !== undefined) dialog.pts = channelPts;
  if (record.folderId > 0) dialog.folder_id = record.folderId;
  if (record.pinnedOrder > 0) dialog.pinned = true;
  if (record.unreadMark) dialog.unread_mark = true;
  const period = record.view?.ttlPeriod || record.ttlPeriod;
  if (period > 0) dialog.ttl_period = period;
  if (record.draftSealed.length > 0) dialog.draft = openDraft(userKey, box, peer, record.draftSealed);
  return dialog;
}
