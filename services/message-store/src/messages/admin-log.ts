import { create } from '@bufbuild/protobuf';
import { bannedRights, chatAdminRights } from '@heliograph/box/group-rights';
import { openAbout, openRank, openTitle } from '@heliograph/box/group-title';
import { peerOf } from '@heliograph/box/render-peer';
import type { CallerContext } from '@heliograph/client-api/method';
import { AdminEventKind as Kind, ChannelRecordSchema, type AdminEvent, type ChannelAdmin, type ChannelMember, type ChannelRecord, type GroupInvite, type MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeChannelAdminLogEventAction, TypeChannelParticipant, TypeExportedChatInvite, TypeMessage } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { renderParticipant } from './channel-participants';
import { channelMessageViews } from './channel-views';
import type { ChannelReader } from './channels';
import { inviteView } from './invites';

type LogDeps = Pick<Deps, 'comments' | 'engine' | 'keyring' | 'postCounts'>;

/** What an event of a channel's admin log says (docs: core.telegram.org/constructor/channelAdminLogEvent); undefined for one of a kind that this version does not know. */
export async function renderAdminEvent(deps: LogDeps, caller: CallerContext, channel: ChannelReader, event: AdminEvent): Promise<TypeChannelAdminLogEventAction | undefined> {
  const { box } = channel;
  const before = event.before ?? NOTHING;
  const after = event.after ?? NOTHING;
  const participants = async (): Promise<{ prev_participant: TypeChannelParticipant; new_participant: TypeChannelParticipant }> => ({
    prev_participant: await participantOf(deps, caller, channel, event, event.adminBefore, event.memberBefore), new_participant: await participantOf(deps, caller, channel, event, event.adminAfter, event.memberAfter),
  });
  switch (event.kind) {
    case Kind.JOIN: return joined(deps, box, event);
    case Kind.LEAVE: return { _: 'channelAdminLogEventActionParticipantLeave' };
    case Kind.INVITE: return { _: 'channelAdminLogEventActionParticipantInvite', participant: await participantOf(deps, caller, channel, event, undefined, event.memberAfter) };
    case Kind.BAN: return { _: 'channelAdminLogEventActionParticipantToggleBan', ...(await participants()) };
    case Kind.ADMIN: return { _: 'channelAdminLogEventActionParticipantToggleAdmin', ...(await participants()) };
    case Kind.TITLE: return { _: 'channelAdminLogEventActionChangeTitle', prev_value: await openTitle(deps.keyring, box, before.titleSealed), new_value: await openTitle(deps.keyring, box, after.titleSealed) };
    case Kind.ABOUT: return { _: 'channelAdminLogEventActionChangeAbout', prev_value: await openAbout(deps.keyring, box, before.aboutSealed), new_value: await openAbout(deps.keyring, box, after.aboutSealed) };
    case Kind.USERNAME: return { _: 'channelAdminLogEventActionChangeUsername', prev_value: before.username, new_value: after.username };
    case Kind.DEFAULT_RIGHTS: return { _: 'channelAdminLogEventActionDefaultBannedRights', prev_banned_rights: bannedRights(before.defaultBanned), new_banned_rights: bannedRights(after.defaultBanned) };
    case Kind.SIGNATURES: return { _: 'channelAdminLogEventActionToggleSignatures', new_value: after.signatures };
    case Kind.SIGNATURE_PROFILES: return { _: 'channelAdminLogEventActionToggleSignatureProfiles', new_value: after.signatureProfiles };
    case Kind.PREHISTORY: return { _: 'channelAdminLogEventActionTogglePreHistoryHidden', new_value: after.hiddenPrehistory };
    case Kind.SLOWMODE: return { _: 'channelAdminLogEventActionToggleSlowMode', prev_value: before.slowmode, new_value: after.slowmode };
    case Kind.TTL: return { _: 'channelAdminLogEventActionChangeHistoryTTL', prev_value: before.ttlPeriod, new_value: after.ttlPeriod };
    case Kind.NOFORWARDS: return { _: 'channelAdminLogEventActionToggleNoForwards', new_value: after.noforwards };
    case Kind.LINKED: return { _: 'channelAdminLogEventActionChangeLinkedChat', prev_value: Number(before.linked), new_value: Number(after.linked) };
    case Kind.PINNED: return { _: 'channelAdminLogEventActionUpdatePinned', message: await pinnedMessage(deps, caller, channel, event) };
    case Kind.EDIT: return {
      _: 'channelAdminLogEventActionEditMessage', prev_message: await messageOf(deps, caller, channel, event.messageBefore), new_message: await messageOf(deps, caller, channel, event.messageAfter),
    };
    case Kind.DELETE: return { _: 'channelAdminLogEventActionDeleteMessage', message: await messageOf(deps, caller, channel, event.messageBefore) };
    case Kind.INVITE_EDIT: return { _: 'channelAdminLogEventActionExportedInviteEdit', prev_invite: await inviteOf(deps, box, event.inviteBefore), new_invite: await inviteOf(deps, box, event.inviteAfter) };
    case Kind.INVITE_REVOKE: return { _: 'channelAdminLogEventActionExportedInviteRevoke', invite: await inviteOf(deps, box, event.inviteBefore) };
    case Kind.INVITE_DELETE: return { _: 'channelAdminLogEventActionExportedInviteDelete', invite: await inviteOf(deps, box, event.inviteBefore) };
    case Kind.RANK: return {
      _: 'channelAdminLogEventActionParticipantEditRank', user_id: Number(event.adminAfter?.user ?? 0n), prev_rank: await rankOf(deps, box, event.adminBefore), new_rank: await rankOf(deps, box, event.adminAfter),
    };
    default: return undefined;
  }
}

const rankOf = (deps: LogDeps, box: number, admin: ChannelAdmin | undefined): Promise<string> => openRank(deps.keyring, box, admin?.rankSealed ?? new Uint8Array(0));

const NOTHING: ChannelRecord = create(ChannelRecordSchema);

async function joined(deps: LogDeps, box: number, { memberAfter, inviteAfter }: AdminEvent): Promise<TypeChannelAdminLogEventAction> {
  const approvedBy = Number(memberAfter?.approvedBy ?? 0n);
  if (approvedBy > 0) return { _: 'channelAdminLogEventActionParticipantJoinByRequest', invite: await inviteOf(deps, box, inviteAfter), approved_by: approvedBy };
  if (inviteAfter) return { _: 'channelAdminLogEventActionParticipantJoinByInvite', invite: await inviteOf(deps, box, inviteAfter) };
  return { _: 'channelAdminLogEventActionParticipantJoin' };
}

/** Without a link one asks where a public group wants that. */
async function inviteOf(deps: LogDeps, box: number, invite: GroupInvite | undefined): Promise<TypeExportedChatInvite> {
  return invite ? inviteView(deps, { box, requests: [] }, invite) : { _: 'chatInvitePublicJoinRequests' };
}

async function participantOf(
  deps: LogDeps, caller: CallerContext, { box, record }: ChannelReader, { date, user: by }: AdminEvent, admin: ChannelAdmin | undefined, member: ChannelMember | undefined,
): Promise<TypeChannelParticipant> {
  const user_id = Number(admin?.user ?? member?.user ?? by);
  if (admin && admin.rights !== 0) {
    const rank = (await openRank(deps.keyring, box, admin.rankSealed)) || undefined;
    return { _: 'channelParticipantAdmin', user_id, promoted_by: Number(admin.promotedBy), date: admin.date, admin_rights: chatAdminRights(admin.rights), rank };
  }
  // As it was then, whatever he is now.
  const then = { ...caller, date };
  const rendered = member && (await renderParticipant(deps, then, { box, record: { ...record, admins: [] } }, member));
  if (rendered) return rendered;
  return admin ? { _: 'channelParticipant', user_id, date: member?.date ?? date } : { _: 'channelParticipantLeft', peer: peerOf(user_id) };
}

/** As it is now; the log says only which it was, and whether it was pinned then. */
async function pinnedMessage(deps: LogDeps, caller: CallerContext, channel: ChannelReader, { messageBefore, messageAfter }: AdminEvent): Promise<TypeMessage> {
  const id = (messageAfter ?? messageBefore)?.id ?? 0;
  const [record] = await channel.messages([id]);
  if (!record) return { _: 'messageEmpty', id, peer_id: peerOf(channel.box) };
  const message = await messageOf(deps, caller, channel, record);
  if (message._ === 'message') message.pinned = messageAfter !== undefined || undefined;
  return message;
}

async function messageOf(deps: LogDeps, caller: CallerContext, channel: ChannelReader, record: MessageRecord | undefined): Promise<TypeMessage> {
  const [message] = record?.content ? await channelMessageViews(deps, caller, channel, [record]) : [];
  return message ?? { _: 'messageEmpty', id: record?.id ?? 0, peer_id: peerOf(channel.box) };
}
