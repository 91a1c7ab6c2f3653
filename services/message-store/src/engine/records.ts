import type { BoxUpdate, Deliver, DialogRecord, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';

export const NO_BYTES = new Uint8Array(0);

/** Empty messages as `create` makes them, as literals: they are made for every private message, and a literal costs a tenth. */

export function emptyMessage(): MessageRecord {
  return {
    $typeName: 'heliograph.box.v1.MessageRecord',
    id: 0, peer: 0n, from: 0n, out: false, date: 0, editDate: 0, editHide: false, uid: undefined, content: undefined, silent: false,
    replyToId: 0, randomId: 0n, pts: 0, mediaUnread: false, mentioned: false, ttlPeriod: 0, noforwards: false,
    createdVersion: 0n, editedVersion: 0n, deletedVersion: 0n, editPts: 0, contentsReadVersion: 0n, reactions: [], reactionsVersion: 0n, fromScheduled: false,
    author: 0n, threadId: 0, replyCount: 0, lastRepliers: [], lastReplyId: 0, mentions: [], repliesVersion: 0n, discussion: 0n,
    pollVotes: [], pollClosedVersion: 0n, pollVersion: 0n, signed: false, savedPeer: 0n, rankSealed: NO_BYTES,
  };
}

export function boxUpdate(pts: number, ptsCount: number, change: BoxUpdate['change']): BoxUpdate {
  return { $typeName: 'heliograph.box.v1.BoxUpdate', pts, ptsCount, change, messagePinned: false };
}

export function emptyDeliver(): Deliver {
  return {
    $typeName: 'heliograph.box.v1.Deliver',
    peer: 0n, from: 0n, uid: undefined, randomId: 0n, content: undefined, silent: false, replyTo: undefined, ttlPeriod: 0, noforwards: false,
    out: false, mentioned: false, fromScheduled: false,
  };
}

export function emptyDialog(peer: number): DialogRecord {
  return {
    $typeName: 'heliograph.box.v1.DialogRecord',
    peer: BigInt(peer), topId: 0, topDate: 0, unreadCount: 0, readInboxMaxId: 0, readOutboxMaxId: 0, unreadMark: false, pinnedOrder: 0,
    draftSealed: NO_BYTES, draftDate: 0, pinnedIds: [], lastIncomingId: 0, lastIncomingOriginId: 0, originVersion: 0n, originIndex: 0,
    unreadMentionsCount: 0, messageCount: 0, version: 0n, clearedMaxId: 0, rowCount: 0, bucketStarts: [], folderId: 0, unreadReactions: [], recentReactions: [],
    scheduled: [], lastScheduledId: 0, ttlPeriod: 0, ttlStamp: 0, ttlBy: 0n, defaultTtlPeriod: 0, unreadVotes: [], threads: [],
    readInboxDate: 0, archivedMaxId: 0, archivedUntil: 0, inParts: false, barHidden: false,
  };
}
