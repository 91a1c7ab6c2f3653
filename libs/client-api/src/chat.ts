import { bannedRights, GROUP_ADMIN_RIGHTS } from '@heliograph/box/group-rights';
import type { ChatView } from '@heliograph/protos/heliograph/messagestore/v1/group_box_pb';
import type { Chat, ChatEmpty, TypeChat } from '@heliograph/tl/api';

/**
 * A basic group as its viewer sees it: `chatEmpty` when they have never been in it, `chatForbidden` once they were removed
 * (docs: core.telegram.org/constructor/chat). `channelHash`: the viewer's access hash of a channel.
 */
export function chatFromView({ id, title, view }: Pick<ChatView, 'id' | 'title' | 'view'>, viewerId: number, channelHash: (channelId: number) => bigint): TypeChat {
  const chatId = Number(id);
  if (view === undefined) return chatEmpty(chatId);
  if (view.kicked) return { _: 'chatForbidden', id: chatId, title };
  const isCreator = Number(view.creator) === viewerId;
  const chat: Chat = {
    _: 'chat',
    id: chatId,
    title,
    photo: { _: 'chatPhotoEmpty' },
    participants_count: view.memberCount,
    date: view.date,
    version: view.version,
    default_banned_rights: bannedRights(view.defaultBanned),
  };
  if (isCreator) chat.creator = true;
  if (view.left) chat.left = true;
  if (view.deactivated) chat.deactivated = true;
  if (view.noforwards) chat.noforwards = true;
  if (isCreator && !view.left) chat.admin_rights = { ...GROUP_ADMIN_RIGHTS, add_admins: true };
  else if (view.admin) chat.admin_rights = GROUP_ADMIN_RIGHTS;
  const migratedTo = Number(view.migratedTo);
  if (migratedTo > 0) chat.migrated_to = { _: 'inputChannel', channel_id: migratedTo, access_hash: channelHash(migratedTo) };
  return chat;
}

/** Names a group that nothing else is told about. */
export const chatEmpty = (id: number): ChatEmpty => ({ _: 'chatEmpty', id });
