import { ADMIN, BANNED } from '@heliograph/box/group-rights';
import type { ChannelAdmin, ChannelSetAdmin } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Effect } from '../../change';
import { CHANNEL_ADMINS_MAX } from '../../limits';
import { NO_BYTES } from '../../records';
import type { Channel } from './channel';
import { demote, enter, isFull } from './members';
import { rankOf } from './ranks';

/** Makes or changes an admin, or takes his rights. Who is not the creator gives what he has, and touches those alone whom he made admins. */
export function* setAdmin(channel: Channel, body: ChannelSetAdmin): Effect {
  const { change, actor } = channel;
  const user = Number(body.user);
  if (!channel.mayAsAdmin(ADMIN.add_admins)) return change.refuse('CHAT_ADMIN_REQUIRED');
  const creator = channel.isCreator(actor);
  if (channel.isCreator(user) && !creator) return change.refuse('USER_CREATOR');
  const before = channel.admin(user);
  if (before !== undefined && !creator && Number(before.promotedBy) !== actor) return change.refuse('CHAT_ADMIN_REQUIRED');
  if (!creator && (body.rights & ~channel.adminRights(actor) & ~ADMIN.other) !== 0) return change.refuse('RIGHT_FORBIDDEN');
  yield* channel.load([user]);
  if (body.rights === 0 && !channel.isCreator(user)) {
    if (before === undefined) return;
    demote(channel, user);
    channel.editMember(user, { admin: false });
    return channel.tell({ participant: body.user });
  }
  if (before === undefined && channel.record.admins.length + Number(channel.record.heirAt !== 0) >= CHANNEL_ADMINS_MAX) return change.refuse('ADMINS_TOO_MUCH');
  const refusal = entryRefusal(channel, user);
  if (refusal !== undefined) return change.refuse(refusal);
  if (!channel.isPresent(user)) enter(channel, user, { inviter: BigInt(actor) });
  const admin: ChannelAdmin = {
    $typeName: 'heliograph.box.v1.ChannelAdmin', user: body.user, rights: body.rights, rankSealed: body.keepRank ? rankOf(channel, user) : body.rankSealed,
    promotedBy: before?.promotedBy ?? BigInt(actor), date: before?.date ?? change.date,
  };
  const { admins } = channel.record;
  channel.editRecord({ admins: before === undefined ? [...admins, admin] : admins.map((each) => (each === before ? admin : each)) });
  channel.editMember(user, { admin: true, rankSealed: NO_BYTES, banned: 0, untilDate: 0, bannedBy: 0n });
  channel.tell({ participant: body.user });
}

/** Why somebody can't be in the channel as an admin; who is restricted or kicked takes one who may change that. */
function entryRefusal(channel: Channel, user: number): string | undefined {
  if (channel.banned(user) !== 0 && !channel.mayAsAdmin(ADMIN.ban_users)) return 'CHAT_ADMIN_REQUIRED';
  if (channel.isPresent(user)) return undefined;
  if (!channel.may(ADMIN.invite_users, BANNED.invite_users)) return 'CHAT_ADMIN_INVITE_REQUIRED';
  return isFull(channel) ? 'USERS_TOO_MUCH' : undefined;
}
