import { channelBox } from '@heliograph/box/box-id';
import { adminRights, bannedNow, mayEditAdmin } from '@heliograph/box/channel-rights';
import { ADMIN, bannedRights, chatAdminRights } from '@heliograph/box/group-rights';
import { openRank } from '@heliograph/box/group-title';
import { peerOf } from '@heliograph/box/render-peer';
import type { CallerContext } from '@heliograph/client-api/method';
import type { ChannelMember, ChannelRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeChannelParticipant, TypeInputPeer } from '@heliograph/tl/api';
import type { Deps } from '../deps';

/** Who or what a request names that takes part in a channel: a user, or a channel (its box) that posts there; undefined for what can't. Throws CHANNEL_INVALID. */
export function participantOf(deps: Pick<Deps, 'peers'>, caller: CallerContext, input: TypeInputPeer): number | undefined {
  if (input._ === 'inputPeerEmpty' || input._ === 'inputPeerChat') return undefined;
  const { kind, id } = deps.peers.peer(caller.userId, input);
  return kind === 'user' ? id : channelBox(id);
}

/** Somebody of a channel as the caller sees them; undefined for one who is not in it, unless he was banned. */
export async function renderParticipant(
  deps: Pick<Deps, 'keyring'>, caller: CallerContext, { box, record }: { readonly box: number; readonly record: ChannelRecord }, member: ChannelMember,
): Promise<TypeChannelParticipant | undefined> {
  const user_id = Number(member.user);
  const admin = record.admins.find((each) => each.user === member.user);
  if (admin) {
    const rank = admin.rankSealed.length > 0 ? await openRank(deps.keyring, box, admin.rankSealed) : undefined;
    if (admin.user === record.creator) return { _: 'channelParticipantCreator', user_id, admin_rights: chatAdminRights(adminRights(record, user_id)), rank };
    return {
      _: 'channelParticipantAdmin', can_edit: mayEditAdmin(record, caller.userId, user_id) || undefined, self: user_id === caller.userId || undefined, user_id,
      inviter_id: Number(member.inviter) || undefined, promoted_by: Number(admin.promotedBy), date: admin.date, admin_rights: chatAdminRights(admin.rights), rank,
    };
  }
  const rank = member.rankSealed.length > 0 ? await openRank(deps.keyring, box, member.rankSealed) : undefined;
  const banned = bannedNow(member, caller.date);
  if (banned !== 0) {
    return {
      _: 'channelParticipantBanned', left: !member.present || undefined, peer: peerOf(user_id), kicked_by: Number(member.bannedBy), date: member.date,
      banned_rights: bannedRights(banned, member.untilDate || undefined), rank,
    };
  }
  if (!member.present) return undefined;
  if (user_id === caller.userId) return { _: 'channelParticipantSelf', via_request: member.approvedBy > 0n || undefined, user_id, inviter_id: Number(member.inviter), date: member.date, rank };
  return { _: 'channelParticipant', user_id, date: member.date, rank };
}

/** Whether an admin is shown to the caller: an anonymous one to admins alone. */
export function isShownAdmin(record: ChannelRecord, caller: CallerContext, user: number): boolean {
  return user === caller.userId || adminRights(record, caller.userId) !== 0 || !(adminRights(record, user) & ADMIN.anonymous);
}
