import { isPresent } from '@heliograph/box/group-rights';
import { openAbout, openRank } from '@heliograph/box/group-title';
import { renderNotifySettings, settingsScope } from '@heliograph/box/notify-settings';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { ChatFull, TypeChatParticipant, TypeChatParticipants } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { groupBox } from '@heliograph/box/box-id';
import { isAdminOf, isIn } from '../../messages/group-view';
import { presentMembers, type GroupState } from '../../messages/groups';
import { groupReactions } from '../../messages/reactions';
import { findPermanent, inviteView } from '../../messages/invites';
import { pendingRequests } from '../../messages/tell-requests';

/**
 * A basic group with its members (docs: core.telegram.org/method/messages.getFullChat). Who left it or was removed is told neither its members nor
 * its description. An admin is told of their own permanent link,
 * and of who asks to be let in.
 */
export const getFullChat: Method<Deps, 'messages.getFullChat'> = async (deps, caller, request) => {
  const chatId = request.chat_id;
  const dialog = (await deps.engine.read(caller.userId)).dialog(groupBox(chatId));
  const view = dialog?.view;
  if (!dialog || !view) throw badRequest('CHAT_ID_INVALID');
  const notify_settings = renderNotifySettings(await deps.keyring.dataKey(settingsScope(caller.userId)), caller.userId, { peer: groupBox(chatId) }, dialog.notify);
  const full: ChatFull = { _: 'chatFull', id: chatId, about: '', participants: { _: 'chatParticipantsForbidden', chat_id: chatId }, notify_settings, folder_id: dialog.folderId || undefined };
  if (dialog.scheduled.length > 0) full.has_scheduled = true;
  const pinned = Math.max(0, ...dialog.pinnedIds);
  if (pinned > 0) full.pinned_msg_id = pinned;
  const group = isIn(view) ? await deps.groups.find(chatId) : undefined;
  // The group knows of a removal before the caller's box does.
  if (group && isPresent(group.members.get(caller.userId))) {
    full.about = await openAbout(deps.keyring, groupBox(chatId), group.record.aboutSealed);
    full.participants = await participants(deps, chatId, group);
    full.available_reactions = await groupReactions(deps, caller, groupBox(chatId), group.record.reactions);
    full.ttl_period = group.record.ttlPeriod || undefined;
    if (isAdminOf(view, caller.userId)) Object.assign(full, await forAdmins(deps, caller, chatId, group));
  }
  return { _: 'messages.chatFull', full_chat: full, chats: [{ _: 'chatEmpty', id: chatId }], users: [] };
};

async function forAdmins(deps: Pick<Deps, 'keyring'>, caller: CallerContext, chatId: number, { record }: GroupState): Promise<Partial<ChatFull>> {
  const { requests } = record;
  const told: Partial<ChatFull> = requests.length > 0 ? pendingRequests(requests) : {};
  const invite = findPermanent(record, caller.userId);
  if (invite) told.exported_invite = await inviteView(deps, { box: groupBox(chatId), requests }, invite);
  return told;
}

async function participants({ keyring }: Pick<Deps, 'keyring'>, chat_id: number, group: GroupState): Promise<TypeChatParticipants> {
  const creator = Number(group.record.creator);
  return {
    _: 'chatParticipants',
    chat_id,
    version: group.record.version,
    participants: await Promise.all(presentMembers(group).map(async (user_id): Promise<TypeChatParticipant> => {
      const member = group.members.get(user_id);
      const rank = member && member.rankSealed.length > 0 ? await openRank(keyring, groupBox(chat_id), member.rankSealed) : undefined;
      if (user_id === creator) return { _: 'chatParticipantCreator', user_id, rank };
      return { _: member?.admin ? 'chatParticipantAdmin' : 'chatParticipant', user_id, inviter_id: Number(member?.inviter ?? 0n), date: member?.date ?? 0, rank };
    })),
  };
}
