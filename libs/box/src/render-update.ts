import type { DataKey, Keyring } from '@heliograph/crypto/keyring';
import type { BoxUpdate, ChannelChanged, GroupChanged, MessageRecord, ReactionsChanged } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { DialogPeer, TypeUpdate, Updates } from '@heliograph/tl/api';
import { channelOfBox, isChannelBox, isSavedPart, peerOfSavedPart, SAVED_PARTS_FOLDER } from './box-id';
import { outboxReadId } from './channel-rights';
import { EVERYBODY, isOfOne, viewersApart, type ChannelSight } from './channel-sight';
import { openContent, openDraft } from './content';
import { DialogKeys, draftScope } from './dialog-key';
import { openFilter } from './dialog-filter';
import { bannedRights } from './group-rights';
import { openRankWith } from './group-title';
import { defaultNotifySettings, notifyTarget, renderNotifyPeer, renderNotifySettings } from './notify-settings';
import { pollOf, renderPollUpdate } from './polls';
import { reactionsOf, renderReactions } from './reactions';
import { renderMessage, scheduledRecord } from './render-message';
import { peerOf } from './render-peer';

/** Which of a dialog's messages are pinned now; the default says none. */
export type IsPinned = (peer: number, id: number) => boolean;
const NOT_PINNED: IsPinned = () => false;

/** The data keys that opening some changes of one box takes. */
export interface UpdateKeys {
  dialogs: DialogKeys;
  /** Of the owner's private state; present if a change is about a draft, notifications or a filter. */
  user?: DataKey;
}

/** Fetches what `renderUpdate` needs for these changes. */
export async function updateKeys(keyring: Keyring, box: number, updates: readonly BoxUpdate[]): Promise<UpdateKeys> {
  const dialogs = new DialogKeys();
  let user: DataKey | undefined;
  for (const { change } of updates) {
    if (change.case === 'message' || change.case === 'edited' || change.case === 'scheduled' || change.case === 'reactions' || change.case === 'poll') {
      await dialogs.fetch(keyring, box, [change.value]);
    } else if (change.case === 'group' && change.value.change?.change.case === 'rank') {
      await dialogs.fetch(keyring, box, [{ peer: change.value.group, rankSealed: change.value.change.change.value.rankSealed }]);
    } else if (isPrivate(change)) {
      user ??= await keyring.dataKey(draftScope(box));
    }
  }
  return { dialogs, user };
}

/** Whether it holds what is sealed under the owner's user key. */
function isPrivate(change: BoxUpdate['change']): boolean {
  if (change.case === 'notify') return change.value.settings !== undefined;
  return (change.case === 'draft' || change.case === 'dialogFilter') && change.value.sealed.length > 0;
}

/**
 * One change of a box as its owner's sessions are told, of a channel's as a viewer's are; undefined: it says nothing to them. Throws SealBroken for content
 * that does not open.
 */
export function renderUpdate(box: number, update: BoxUpdate, keys: UpdateKeys, isPinned: IsPinned = NOT_PINNED, sight: ChannelSight = EVERYBODY): TypeUpdate | undefined {
  return isChannelBox(box) ? renderInChannel(box, update, keys, isPinned, sight) : renderOwn(box, update, keys, isPinned);
}

function renderOwn(box: number, update: BoxUpdate, keys: UpdateKeys, isPinned: IsPinned): TypeUpdate | undefined {
  const { change, pts, ptsCount: pts_count } = update;
  switch (change.case) {
    case 'message':
    case 'edited': {
      const record = change.value;
      const peer = Number(record.peer);
      const message = renderMessage(box, record, openContent(keys.dialogs, box, record), update.messagePinned || isPinned(peer, record.id), reactionsOf(keys.dialogs, box, record));
      return { _: change.case === 'message' ? 'updateNewMessage' : 'updateEditMessage', message, pts, pts_count };
    }
    case 'deleted':
      return { _: 'updateDeleteMessages', messages: change.value.ids, pts, pts_count };
    case 'inboxRead': {
      const { maxId: max_id, stillUnread: still_unread_count, channelPts } = change.value;
      const peer = peerOf(Number(change.value.peer));
      const folder_id = change.value.folderId || undefined;
      if (peer._ === 'peerChannel') return { _: 'updateReadChannelInbox', channel_id: peer.channel_id, max_id, still_unread_count, folder_id, pts: channelPts };
      return { _: 'updateReadHistoryInbox', peer, max_id, still_unread_count, folder_id, pts, pts_count };
    }
    case 'outboxRead':
      return { _: 'updateReadHistoryOutbox', peer: peerOf(Number(change.value.peer)), max_id: change.value.maxId, pts, pts_count };
    case 'pinned':
      return { _: 'updatePinnedMessages', pinned: change.value.pinned || undefined, peer: peerOf(Number(change.value.peer)), messages: change.value.ids, pts, pts_count };
    case 'contentsRead':
      return { _: 'updateReadMessagesContents', messages: change.value.ids, pts, pts_count };
    case 'draft': {
      const peer = Number(change.value.peer);
      const { sealed, date } = change.value;
      if (sealed.length === 0) return { _: 'updateDraftMessage', peer: peerOf(peer), draft: { _: 'draftMessageEmpty', date: date || undefined } };
      return { _: 'updateDraftMessage', peer: peerOf(peer), draft: openDraft(userKey(keys), box, peer, sealed) };
    }
    case 'dialogPin':
      if (isSavedPart(Number(change.value.peer))) return { _: 'updateSavedDialogPinned', pinned: change.value.pinned || undefined, peer: partPeer(change.value.peer) };
      return { _: 'updateDialogPinned', pinned: change.value.pinned || undefined, folder_id: change.value.folderId || undefined, peer: { _: 'dialogPeer', peer: peerOf(Number(change.value.peer)) } };
    case 'pinnedDialogs':
      if (change.value.folderId === SAVED_PARTS_FOLDER) return { _: 'updatePinnedSavedDialogs', order: change.value.order.map(partPeer) };
      return { _: 'updatePinnedDialogs', folder_id: change.value.folderId || undefined, order: change.value.order.map((peer) => ({ _: 'dialogPeer' as const, peer: peerOf(Number(peer)) })) };
    case 'unreadMark':
      return { _: 'updateDialogUnreadMark', unread: change.value.unread || undefined, peer: { _: 'dialogPeer', peer: peerOf(Number(change.value.peer)) } };
    case 'group':
      return renderGroupChange(change.value, keys.dialogs);
    case 'scheduled': {
      const record = scheduledRecord(box, change.value);
      return { _: 'updateNewScheduledMessage', message: renderMessage(box, record, openContent(keys.dialogs, box, record), false) };
    }
    case 'scheduledGone': {
      const { peer, ids, sentIds } = change.value;
      return { _: 'updateDeleteScheduledMessages', peer: peerOf(Number(peer)), messages: ids, sent_messages: sentIds.length > 0 ? sentIds : undefined };
    }
    case 'historyTtl':
      return { _: 'updatePeerHistoryTTL', peer: peerOf(Number(change.value.peer)), ttl_period: change.value.period || undefined };
    case 'notify': {
      const { peer, kind, settings } = change.value;
      const target = notifyTarget(peer, kind);
      const notify_settings = settings === undefined ? defaultNotifySettings(target) : renderNotifySettings(userKey(keys), box, target, settings);
      return { _: 'updateNotifySettings', peer: renderNotifyPeer(target), notify_settings };
    }
    case 'folders':
      return { _: 'updateFolderPeers', folder_peers: change.value.peers.map(({ peer, folderId: folder_id }) => ({ _: 'folderPeer', peer: peerOf(Number(peer)), folder_id })), pts, pts_count };
    case 'dialogFilter': {
      const { id, sealed } = change.value;
      return { _: 'updateDialogFilter', id, filter: sealed.length === 0 ? undefined : openFilter(userKey(keys), box, change.value) };
    }
    case 'dialogFilterOrder':
      return { _: 'updateDialogFilterOrder', order: change.value.order };
    case 'dialogFilters':
      return { _: 'updateDialogFilters' };
    case 'reactions':
      return { _: 'updateMessageReactions', peer: peerOf(Number(change.value.peer)), msg_id: change.value.id, reactions: renderReactions(keys.dialogs, box, change.value) };
    case 'poll':
      return renderPollChange(box, change.value, keys, box);
    case 'recentReactions':
      return { _: 'updateRecentReactions' };
    case 'membership':
      return { _: 'updateChannel', channel_id: channelOfBox(Number(change.value.channel)) };
    case 'channelContentsRead':
      return { _: 'updateChannelReadMessagesContents', channel_id: channelOfBox(Number(change.value.channel)), messages: change.value.ids };
    case 'channelHistoryCleared':
      return { _: 'updateChannelAvailableMessages', channel_id: channelOfBox(Number(change.value.channel)), available_min_id: change.value.maxId };
    case 'threadRead': {
      const { channel, thread } = change.value;
      const post = thread?.broadcast ? { broadcast_id: Number(thread.broadcast), broadcast_post: thread.post } : undefined;
      return { _: 'updateReadChannelDiscussionInbox', channel_id: channelOfBox(Number(channel)), top_msg_id: thread?.id ?? 0, read_max_id: thread?.maxId ?? 0, ...post };
    }
    case 'barHidden':
      return { _: 'updatePeerSettings', peer: peerOf(Number(change.value.peer)), settings: { _: 'peerSettings' } };
    case 'mentioned':
      // The message itself says so.
      return undefined;
    default:
      throw new Error('a change of an unknown kind');
  }
}

/** A part of Saved Messages as updates name it. */
const partPeer = (part: bigint): DialogPeer => ({ _: 'dialogPeer', peer: peerOf(peerOfSavedPart(Number(part))) });

function renderInChannel(box: number, update: BoxUpdate, keys: UpdateKeys, isPinned: IsPinned, sight: ChannelSight): TypeUpdate | undefined {
  const { change, pts, ptsCount: pts_count } = update;
  const channel_id = channelOfBox(box);
  switch (change.case) {
    case 'message':
    case 'edited': {
      const record = change.value;
      const pinned = update.messagePinned || isPinned(box, record.id);
      // Else the reactions don't say which are the viewer's and which are new to him.
      const reactions = reactionsOf(keys.dialogs, box, record, isOfOne(sight) ? sight.viewer : 0, sight.isUnreadReaction);
      const message = renderMessage(box, record, openContent(keys.dialogs, box, record), pinned, reactions, withRank(sight, keys.dialogs, record));
      return { _: change.case === 'message' ? 'updateNewChannelMessage' : 'updateEditChannelMessage', message, pts, pts_count };
    }
    case 'deleted':
      return { _: 'updateDeleteChannelMessages', channel_id, messages: change.value.ids, pts, pts_count };
    case 'pinned':
      return { _: 'updatePinnedChannelMessages', pinned: change.value.pinned || undefined, channel_id, messages: change.value.ids, pts, pts_count };
    case 'reactions':
      return renderReacted(box, change.value, keys, sight.viewer);
    case 'poll':
      return renderPollChange(box, change.value, keys, sight.viewer);
    case 'historyTtl':
      return { _: 'updatePeerHistoryTTL', peer: peerOf(box), ttl_period: change.value.period || undefined };
    case 'channel':
      return renderChannelChange(channel_id, change.value, sight.viewer);
    default:
      throw new Error('a change of an unknown kind');
  }
}

/** Where nobody looked what its author is called by now: as when he wrote it. */
export function withRank(sight: ChannelSight, keys: DialogKeys, { peer, rankSealed }: Pick<MessageRecord, 'peer' | 'rankSealed'>): ChannelSight {
  return sight.rankOf !== undefined || rankSealed.length === 0 ? sight : { ...sight, rankOf: () => openRankWith(keys.of(peer, rankSealed), Number(peer), rankSealed) };
}

/** Who reacted to a message of a channel: of a supergroup's its author is told with whom that is new. */
function renderReacted(box: number, change: ReactionsChanged, { dialogs }: UpdateKeys, viewer: number): TypeUpdate {
  const newest = Number(change.reactions.at(-1)?.user ?? 0n);
  const reactions = viewer !== 0 && Number(change.author) === viewer
    ? renderReactions(dialogs, box, { ...change, from: change.author }, viewer, (_, user) => user === newest)
    // Of a broadcast it is nobody's to know who reacted, and the change doesn't say whether it is one.
    : renderReactions(dialogs, box, { ...change, from: 0n }, 0);
  // The author's own may be among those that the change doesn't name.
  if ((change.reactionTally?.people ?? 0) > change.reactions.length && !change.reactions.some(({ user }) => Number(user) === viewer)) reactions.min = true;
  return { _: 'updateMessageReactions', peer: peerOf(box), msg_id: change.id, reactions };
}

/** How a poll looks now; nothing of one that is gone. */
function renderPollChange(box: number, record: MessageRecord, keys: UpdateKeys, viewer: number): TypeUpdate | undefined {
  return record.content === undefined ? undefined : renderPollUpdate(record, pollOf(openContent(keys.dialogs, box, record)), viewer);
}

/** Something of the channel itself: clients are told to look at it anew, where it is theirs to see. */
function renderChannelChange(channel_id: number, change: ChannelChanged, viewer: number): TypeUpdate | undefined {
  const { firstReadId, joined, left } = change;
  if (firstReadId > 0) {
    const max_id = outboxReadId(change, viewer);
    return max_id > 0 ? { _: 'updateReadChannelOutbox', channel_id, max_id } : undefined;
  }
  const participant = Number(change.participant);
  const ofOthers = participant !== 0 ? participant !== viewer : joined.length + left.length > 0 && !change.defaultBanned;
  return ofOthers ? undefined : { _: 'updateChannel', channel_id };
}

function userKey({ user }: UpdateKeys): DataKey {
  if (!user) throw new Error('the key of a change of private state was not fetched');
  return user;
}

/** What changed of a group's members and settings: outside the pts sequence, the group's version orders it. */
function renderGroupChange({ group, change: told }: GroupChanged, keys: DialogKeys): TypeUpdate {
  const peer = peerOf(Number(group));
  if (peer._ !== 'peerChat' || told === undefined) throw new Error('a change of no group');
  const { chat_id } = peer;
  const { version, change } = told;
  switch (change.case) {
    case 'added':
      return { _: 'updateChatParticipantAdd', chat_id, user_id: Number(change.value.user), inviter_id: Number(change.value.inviter), date: change.value.date, version };
    case 'removed':
      return { _: 'updateChatParticipantDelete', chat_id, user_id: Number(change.value), version };
    case 'admin':
      return { _: 'updateChatParticipantAdmin', chat_id, user_id: Number(change.value.user), is_admin: change.value.admin, version };
    case 'rank': {
      const { user, rankSealed } = change.value;
      const rank = rankSealed.length === 0 ? '' : openRankWith(keys.of(group, rankSealed), Number(group), rankSealed);
      return { _: 'updateChatParticipantRank', chat_id, user_id: Number(user), rank, version };
    }
    case 'defaultBanned':
      return { _: 'updateChatDefaultBannedRights', peer, default_banned_rights: bannedRights(change.value), version };
    default:
      return { _: 'updateChat', chat_id };
  }
}

/** An Updates object; the gateway fills `users`. `seq` 0: outside the seq order, which this server does not use. */
export function updatesOf(updates: TypeUpdate[], date: number): Updates {
  return { _: 'updates', updates, users: [], chats: [], date, seq: 0 };
}

/** The changes of one event, rendered. */
export async function renderUpdates(keyring: Keyring, box: number, updates: readonly BoxUpdate[], date: number, isPinned: IsPinned = NOT_PINNED, sight: ChannelSight = EVERYBODY): Promise<Updates> {
  const keys = await updateKeys(keyring, box, updates);
  return updatesOf(renderAll(box, updates, keys, isPinned, sight), date);
}

/** The changes of one event of a channel: as most see it, and as those do to whom it looks otherwise. Empty updates say nothing. */
export interface ChannelRendering {
  readonly most: Updates;
  readonly apart: readonly { readonly users: readonly number[]; readonly updates: Updates }[];
}

/** Renders an event of a channel's box once for each kind of viewer. */
export async function renderForViewers(keyring: Keyring, box: number, updates: readonly BoxUpdate[], date: number): Promise<ChannelRendering> {
  const keys = await updateKeys(keyring, box, updates);
  const alike = new Map<string, number[]>();
  for (const [user, mark] of viewersApart(updates)) alike.set(mark, [...(alike.get(mark) ?? []), user]);
  const seenBy = (viewer: number): Updates => updatesOf(renderAll(box, updates, keys, NOT_PINNED, { viewer }), date);
  return { most: seenBy(0), apart: [...alike.values()].map((users) => ({ users, updates: seenBy(users[0] as number) })) };
}

function renderAll(box: number, updates: readonly BoxUpdate[], keys: UpdateKeys, isPinned: IsPinned, sight: ChannelSight): TypeUpdate[] {
  return updates.map((update) => renderUpdate(box, update, keys, isPinned, sight)).filter((rendered) => rendered !== undefined);
}
