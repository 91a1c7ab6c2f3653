import { readUpTo } from '@heliograph/box/discussion';
import type { ChannelMention, ChannelReaction, ChannelTold, ReadChannel, ReadChannelContents, ReadThread } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, Effect } from '../../change';
import { THREADS_READ_MAX, UNREAD_MENTIONS_MAX, UNREAD_REACTIONS_MAX } from '../../limits';
import { seeReactions } from '../reactions';

/** In a user's box: the channel is in his lists from now on, or is not. Who joins has read what was there before. */
export function* channelTold(change: Change, { channel, membership }: ChannelTold): Effect {
  if (membership === undefined) return;
  const dialog = change.editDialog(Number(channel));
  const { present, version, broadcast } = membership;
  dialog.membership = membership;
  dialog.unreadMentionsCount = 0;
  dialog.unreadReactions = [];
  if (present) dialog.readInboxMaxId = Math.max(dialog.readInboxMaxId, membership.pts);
  else if (dialog.pinnedOrder > 0) {
    dialog.pinnedOrder = 0;
    change.announce({ case: 'dialogPin', value: { $typeName: 'heliograph.box.v1.DialogPinChanged', peer: channel, pinned: false, folderId: dialog.folderId } });
  }
  if (!present) dialog.unreadMark = false;
  change.announce({ case: 'membership', value: { $typeName: 'heliograph.box.v1.ChannelMembershipChanged', channel, present, version, broadcast } });
}

/** In a member's box: a message of the channel is about him. */
export function* channelMention(change: Change, { channel, id }: ChannelMention): Effect {
  const peer = Number(channel);
  const membership = change.dialog(peer)?.membership;
  if (membership?.present !== true) return;
  // Who has left since was told so before, in this order.
  const mentions = [...membership.mentions.filter((other) => other !== id), id].slice(-UNREAD_MENTIONS_MAX);
  editMentions(change, peer, mentions);
  change.announce({ case: 'mentioned', value: { $typeName: 'heliograph.box.v1.ChannelMessageMentioned', channel, id } });
}

/** In a member's box: somebody reacted to his message, or took that back. The channel's own event tells his sessions. */
export function* channelReaction(change: Change, { channel, id, user, takenBack }: ChannelReaction): Effect {
  const peer = Number(channel);
  const before = change.dialog(peer);
  if (before?.membership?.present !== true) return;
  const unread = before.unreadReactions.filter((each) => each.id !== id || each.user !== user);
  if (takenBack && unread.length === before.unreadReactions.length) return;
  if (!takenBack) unread.push({ $typeName: 'heliograph.box.v1.UnreadReaction', id, user });
  change.editDialog(peer).unreadReactions = unread.slice(-UNREAD_REACTIONS_MAX);
}

function editMentions(change: Change, peer: number, mentions: number[]): void {
  const dialog = change.editDialog(peer);
  if (dialog.membership === undefined) return;
  dialog.membership = { ...dialog.membership, mentions };
  dialog.unreadMentionsCount = mentions.length;
}

/** The owner has read the channel up to an id. Told outside the pts sequence: the mark is the channel's own. */
export function* readChannel(change: Change, { channel, maxId, stillUnread, pts }: ReadChannel): Effect {
  const peer = Number(channel);
  const before = change.dialog(peer);
  if (before?.membership === undefined) return;
  if (before.unreadMark) {
    change.editDialog(peer).unreadMark = false;
    change.announce({ case: 'unreadMark', value: { $typeName: 'heliograph.box.v1.DialogUnreadMarkChanged', peer: channel, unread: false } });
  }
  if (maxId <= before.readInboxMaxId) return;
  const dialog = change.editDialog(peer);
  dialog.readInboxMaxId = maxId;
  dialog.readInboxDate = change.date;
  if (dialog.threads.some((thread) => thread.maxId <= maxId)) dialog.threads = dialog.threads.filter((thread) => thread.maxId > maxId);
  change.announce({ case: 'inboxRead', value: { $typeName: 'heliograph.box.v1.InboxRead', peer: channel, maxId, stillUnread, folderId: dialog.folderId, channelPts: pts } });
}

/** The owner has seen mentions, and reactions to own messages. */
export function* readChannelContents(change: Change, { channel, ids }: ReadChannelContents): Effect {
  const peer = Number(channel);
  const dialog = change.dialog(peer);
  const before = dialog?.membership?.mentions ?? [];
  const named = new Set(ids.length === 0 ? before : before.filter((id) => ids.includes(id)));
  const reacted = new Set(dialog?.unreadReactions.map(({ id }) => id).filter((id) => ids.includes(id)));
  if (named.size > 0) editMentions(change, peer, before.filter((id) => !named.has(id)));
  if (reacted.size > 0) seeReactions(change, peer, reacted);
  tellSeen(change, channel, [...named, ...reacted]);
}

/** Tells the owner's sessions what was seen, if it was anything. */
function tellSeen(change: Change, channel: bigint, seen: readonly number[]): void {
  const ids = [...new Set(seen)].sort((a, b) => a - b);
  if (ids.length > 0) change.announce({ case: 'channelContentsRead', value: { $typeName: 'heliograph.box.v1.ChannelContentsRead', channel, ids } });
}

/** The owner has seen all reactions to own messages in the channel. */
export function readChannelReactions(change: Change, channel: bigint): void {
  const peer = Number(channel);
  const ids = change.dialog(peer)?.unreadReactions.map(({ id }) => id) ?? [];
  if (ids.length === 0) return;
  seeReactions(change, peer, new Set(ids));
  tellSeen(change, channel, ids);
}

/** The owner has read a thread further than the channel; who is no member of it reads threads as well. Told outside the pts sequence. */
export function* readThread(change: Change, { channel, thread }: ReadThread): Effect {
  if (thread === undefined) return;
  const peer = Number(channel);
  if (thread.maxId <= readUpTo(change.dialog(peer), thread.id)) return;
  const dialog = change.editDialog(peer);
  dialog.threads = [...dialog.threads.filter(({ id }) => id !== thread.id), thread].slice(-THREADS_READ_MAX);
  change.announce({ case: 'threadRead', value: { $typeName: 'heliograph.box.v1.ThreadReadChanged', channel, thread } });
}
