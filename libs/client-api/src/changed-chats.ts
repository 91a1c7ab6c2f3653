import { channelBox, groupBox } from '@heliograph/box/box-id';
import type { TypeMessage, TypePeer, TypeUpdate } from '@heliograph/tl/api';

/** Results that a client brings itself up to date with: it may have missed whatever changed before. */
const CURRENT: ReadonlySet<string> = new Set([
  'updates.difference', 'updates.differenceSlice', 'updates.channelDifference', 'updates.channelDifferenceTooLong', 'messages.dialogs', 'messages.dialogsSlice', 'messages.peerDialogs', 'messages.chats',
  'messages.chatFull', 'chatInviteAlready',
]);
const NONE: readonly number[] = [];

/** Basic groups and channels, by their boxes, that look otherwise from this object of the newest layer on, by what it says itself; 'all': any that it mentions. */
export function changedChats(value: object): readonly number[] | 'all' {
  const { _: kind, updates } = value as { _?: string; updates?: unknown };
  if (kind === undefined) return NONE;
  if (CURRENT.has(kind)) return 'all';
  if (Array.isArray(updates)) return changedBy(updates as TypeUpdate[]);
  return kind === 'messages.invitedUsers' || kind === 'messages.chatInviteJoinResultOk' ? changedChats(updates as object) : NONE;
}

function changedBy(updates: readonly TypeUpdate[]): readonly number[] {
  let changed: number[] | undefined;
  for (const update of updates) {
    const box = changedChat(update);
    if (box !== undefined) (changed ??= []).push(box);
  }
  return changed ?? NONE;
}

function changedChat(update: TypeUpdate): number | undefined {
  switch (update._) {
    case 'updateNewMessage':
    case 'updateNewChannelMessage':
      return noticedIn(update.message);
    case 'updateChat':
    case 'updateChatParticipantAdd':
    case 'updateChatParticipantDelete':
    case 'updateChatParticipantAdmin':
    case 'updateChatParticipantRank':
    case 'updateChatParticipant':
      return groupBox(update.chat_id);
    case 'updateChatParticipants':
      return groupBox(update.participants.chat_id);
    case 'updateChatDefaultBannedRights':
      return boxOf(update.peer);
    case 'updateChannel':
    case 'updateChannelParticipant':
    case 'updateChannelTooLong':
      return channelBox(update.channel_id);
    default:
      return undefined;
  }
}

/** A service message tells of a change. */
const noticedIn = (message: TypeMessage): number | undefined => (message._ === 'messageService' ? boxOf(message.peer_id) : undefined);

function boxOf(peer: TypePeer): number | undefined {
  if (peer._ === 'peerChat') return groupBox(peer.chat_id);
  return peer._ === 'peerChannel' ? channelBox(peer.channel_id) : undefined;
}
