import type { TypeUpdate } from '@heliograph/tl/api';

/** Results that a client brings itself up to date with: it may have missed whatever changed before. */
const CURRENT: ReadonlySet<string> = new Set([
  'updates.difference', 'updates.differenceSlice', 'messages.dialogs', 'messages.dialogsSlice', 'messages.peerDialogs', 'messages.chats', 'messages.chatFull', 'chatInviteAlready',
]);
const NONE: readonly number[] = [];

/** Basic groups that look otherwise from this object of the newest layer on, by what it says itself; 'all': any that it mentions. */
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
    const id = changedChat(update);
    if (id !== undefined) (changed ??= []).push(id);
  }
  return changed ?? NONE;
}

function changedChat(update: TypeUpdate): number | undefined {
  switch (update._) {
    case 'updateNewMessage': {
      const { message } = update;
      return message._ === 'messageService' && message.peer_id._ === 'peerChat' ? message.peer_id.chat_id : undefined;
    }
    case 'updateChat':
    case 'updateChatParticipantAdd':
    case 'updateChatParticipantDelete':
    case 'updateChatParticipantAdmin':
    case 'updateChatParticipant':
      return update.chat_id;
    case 'updateChatParticipants':
      return update.participants.chat_id;
    case 'updateChatDefaultBannedRights':
      return update.peer._ === 'peerChat' ? update.peer.chat_id : undefined;
    default:
      return undefined;
  }
}
