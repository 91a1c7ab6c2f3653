import { ADMIN, BANNED } from '@heliograph/box/group-rights';
import { AdminEventKind, type ChannelSetRank } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Effect } from '../../change';
import { NO_BYTES } from '../../records';
import type { Channel } from './channel';

/** What somebody of a supergroup is called beside his name, sealed; empty: nothing. He is loaded. */
export function rankOf(channel: Channel, user: number): Uint8Array {
  return channel.admin(user)?.rankSealed ?? channel.member(user)?.rankSealed ?? NO_BYTES;
}

/**
 * Calls a participant something else: himself, where members may, or anybody by an admin's right (docs: core.telegram.org/api/rank). NOTSPEC: another admin is called something by
 * those alone who may change his rights, as by channels.editAdmin.
 */
export function* setRank(channel: Channel, { user: named, rankSealed }: ChannelSetRank): Effect {
  const { change, actor, record } = channel;
  const user = Number(named);
  if (record.broadcast || user <= 0) return change.refuse('PEER_ID_INVALID');
  const own = user === actor;
  if (!(own ? channel.may(ADMIN.manage_ranks, BANNED.edit_rank) : channel.mayAsAdmin(ADMIN.manage_ranks))) return change.refuse('CHAT_ADMIN_REQUIRED');
  const admin = channel.admin(user);
  if (admin !== undefined && !own && !channel.isCreator(actor) && (channel.isCreator(user) || Number(admin.promotedBy) !== actor)) return change.refuse('CHAT_ADMIN_REQUIRED');
  yield* channel.load([user]);
  if (!channel.isPresent(user)) return change.refuse('USER_NOT_PARTICIPANT');
  const before = rankOf(channel, user);
  if (before.length === 0 && rankSealed.length === 0) return;
  if (admin === undefined) channel.editMember(user, { rankSealed });
  else channel.editRecord({ admins: record.admins.map((each) => (each === admin ? { ...each, rankSealed } : each)) });
  const told = { $typeName: 'heliograph.box.v1.ChannelAdmin' as const, user: named, rights: 0, promotedBy: 0n, date: 0 };
  channel.log({ kind: AdminEventKind.RANK, adminBefore: { ...told, rankSealed: before }, adminAfter: { ...told, rankSealed } });
  channel.tell({ participant: named });
}
