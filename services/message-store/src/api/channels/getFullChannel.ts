import { channelOfBox, groupBox } from '@heliograph/box/box-id';
import { adminRights, isOwner, visibleAbove } from '@heliograph/box/channel-rights';
import { ADMIN } from '@heliograph/box/group-rights';
import { openAbout } from '@heliograph/box/group-title';
import { renderNotifySettings, settingsScope } from '@heliograph/box/notify-settings';
import { peerOf } from '@heliograph/box/render-peer';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import type { ChannelFull } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { DELETABLE_MEMBERS_MAX } from '../../limits';
import { countUnread } from '../../messages/channel-dialogs';
import { channelNamed } from '../../messages/channel-act';
import type { ChannelReader } from '../../messages/channels';
import { findPermanent, inviteView } from '../../messages/invites';
import { linkedChat } from '../../messages/linked-chat';
import { openForMessages, slowUntil } from '../../messages/named-channel';
import { groupReactions } from '../../messages/reactions';
import { defaultSpeaker } from '../../messages/send-as';
import { pendingRequests } from '../../messages/tell-requests';

/** A channel with all that is told of it (docs: core.telegram.org/method/channels.getFullChannel). Throws CHANNEL_INVALID, CHANNEL_PRIVATE. */
export const getFullChannel: Method<Deps, 'channels.getFullChannel'> = async (deps, caller, request) => {
  const channel = await openForMessages(deps, caller, request.channel);
  const { box, record, member } = channel;
  const own = await deps.engine.read(caller.userId);
  const dialog = own.dialog(box);
  const rights = adminRights(record, caller.userId);
  const owns = isOwner(record, caller.userId);
  const since = visibleAbove(record, member);
  const readInbox = Math.max(dialog?.readInboxMaxId ?? 0, since);
  const [about, unread, settingsKey, reactions, linked, speaker] = await Promise.all([
    openAbout(deps.keyring, box, record.aboutSealed),
    member?.present ? countUnread(channel, readInbox) : 0,
    deps.keyring.dataKey(settingsScope(caller.userId)),
    groupReactions(deps, caller, box, record.reactions),
    linkedChat(deps, caller.userId, channel),
    defaultSpeaker(deps, caller, channel),
  ]);
  const full: ChannelFull = {
    _: 'channelFull', id: channelOfBox(box), about, participants_count: record.memberCount, read_inbox_max_id: readInbox, read_outbox_max_id: othersRead(channel, caller),
    unread_count: unread, chat_photo: { _: 'photoEmpty', id: 0n }, notify_settings: renderNotifySettings(settingsKey, caller.userId, { peer: box }, dialog?.notify), bot_info: [], pts: channel.pts,
    available_reactions: reactions,
  };
  if (rights !== 0 || !(record.broadcast || record.participantsHidden)) full.can_view_participants = true;
  if (owns) full.can_set_username = true;
  if (owns && record.memberCount <= DELETABLE_MEMBERS_MAX) full.can_delete_channel = true;
  if (record.hiddenPrehistory) full.hidden_prehistory = true;
  if (record.participantsHidden) full.participants_hidden = true;
  if (record.antispam) full.antispam = true;
  if ((dialog?.scheduled.length ?? 0) > 0) full.has_scheduled = true;
  if (rights !== 0) Object.assign(full, await forAdmins(deps, caller, channel, rights));
  const pinned = Math.max(0, ...channel.state.pinnedIds.filter((id) => id > since));
  if (pinned > 0) full.pinned_msg_id = pinned;
  if (since > 0) full.available_min_id = since;
  if (dialog?.folderId) full.folder_id = dialog.folderId;
  if (linked !== undefined) full.linked_chat_id = linked;
  if (speaker !== 0) full.default_send_as = peerOf(speaker);
  if (record.slowmode > 0) full.slowmode_seconds = record.slowmode;
  const next = slowUntil(record, member, caller);
  if (next > caller.date) full.slowmode_next_send_date = next;
  if (record.ttlPeriod > 0) full.ttl_period = record.ttlPeriod;
  const migratedFrom = Number(record.migratedFrom);
  const before = migratedFrom > 0 ? own.dialog(groupBox(migratedFrom)) : undefined;
  if (before) {
    full.migrated_from_chat_id = migratedFrom;
    full.migrated_from_max_id = before.topId;
  }
  const chats = [full.id, ...(linked === undefined ? [] : [linked])].map(channelNamed);
  return { _: 'messages.chatFull', full_chat: full, chats, users: [] };
};

/** The newest message that somebody other than the caller has read. */
function othersRead({ record }: ChannelReader, caller: CallerContext): number {
  return Number(record.firstReader) === caller.userId ? record.secondReadId : record.firstReadId;
}

async function forAdmins(deps: Deps, caller: CallerContext, { box, record }: ChannelReader, rights: number): Promise<Partial<ChannelFull>> {
  const told: Partial<ChannelFull> = { admins_count: record.admins.length, kicked_count: record.kickedCount, banned_count: record.bannedCount };
  if (!(rights & ADMIN.invite_users)) return told;
  const invite = findPermanent(record, caller.userId);
  if (invite) told.exported_invite = await inviteView(deps, { box, requests: record.requests }, invite);
  return record.requests.length > 0 ? { ...told, ...pendingRequests(record.requests) } : told;
}
