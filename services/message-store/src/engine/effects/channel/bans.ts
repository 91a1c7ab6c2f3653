import { ADMIN, BANNED } from '@heliograph/box/group-rights';
import type { ChannelSetBanned, Content } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Effect } from '../../change';
import { BAN_DAYS_MAX, BAN_SECONDS_MIN } from '../../limits';
import type { Channel } from './channel';
import { demote, exit, tellMembership } from './members';
import { announceInGroup } from './posts';

const DAY_SECONDS = 86_400;

/** Restricts somebody, kicks him, or frees him. An admin is touched by the creator alone, and by who made him one; then he is none any more. */
export function* setBanned(channel: Channel, body: ChannelSetBanned, notice: Content | undefined): Effect {
  const { change, actor, box, record } = channel;
  const who = Number(body.participant);
  if (!channel.mayAsAdmin(ADMIN.ban_users)) return change.refuse('CHAT_ADMIN_REQUIRED');
  if (who === actor || who === 0) return change.refuse('USER_ID_INVALID');
  const admin = channel.admin(who);
  if (channel.isCreator(who) || who === box || (admin !== undefined && !channel.isCreator(actor) && Number(admin.promotedBy) !== actor)) return change.refuse('USER_ADMIN_INVALID');
  yield* channel.load([who]);
  const kicks = (body.banned & BANNED.view_messages) !== 0;
  // In a broadcast there is nothing else to take.
  const banned = record.broadcast && !kicks ? 0 : body.banned;
  const before = channel.member(who);
  const untilDate = banned === 0 ? 0 : untilOf(body.untilDate, change.date);
  if ((before?.banned ?? 0) === banned && (before?.untilDate ?? 0) === untilDate) return;
  if (kicks && channel.isPresent(who)) {
    announceInGroup(channel, notice);
    exit(channel, who, true);
  } else if (kicks && who > 0) tellMembership(channel, who, { present: false, inviter: 0n, kicked: true });
  if (banned !== 0) demote(channel, who);
  channel.editMember(who, { banned, untilDate, bannedBy: banned === 0 ? 0n : BigInt(actor), ...(banned === 0 ? {} : { date: change.date, admin: false }) });
  channel.tell({ participant: BigInt(who) });
}

/** Very short ones and very long ones are for ever (0), as clients expect (core.telegram.org/constructor/chatBannedRights). */
function untilOf(untilDate: number, now: number): number {
  return untilDate < now + BAN_SECONDS_MIN || untilDate > now + BAN_DAYS_MAX * DAY_SECONDS ? 0 : untilDate;
}
