import type { ChannelMember, ChannelRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { ADMIN, ADMIN_ALL, BANNED, contentRefusal } from './group-rights';

/**
 * Who may what in a channel: pure functions of the channel, of what it knows of a user (undefined: nothing), and of the time in unix seconds. The engine decides by
 * them as of a command; handlers and whoever shows a channel look first. Errors are Telegram's (docs: core.telegram.org/api/rights).
 */
export type MemberFacts = Pick<ChannelMember, 'present' | 'banned' | 'untilDate' | 'sinceId' | 'clearedId'>;
export type ChannelFacts = Pick<ChannelRecord, 'creator' | 'admins' | 'broadcast' | 'username' | 'defaultBanned' | 'destroyed' | 'hiddenPrehistory' | 'joinToSend' | 'linked'>;

export const isMember = (member: Pick<MemberFacts, 'present'> | undefined): boolean => member?.present === true;

export const isCreator = ({ creator }: Pick<ChannelFacts, 'creator'>, user: number): boolean => Number(creator) === user;

/** What the user may not, of his own and as of now: flags of BANNED. */
export function bannedNow(member: Pick<MemberFacts, 'banned' | 'untilDate'> | undefined, now: number): number {
  if (member === undefined || (member.untilDate !== 0 && member.untilDate <= now)) return 0;
  return member.banned;
}

/** Removed, and may not come back before that ends. */
export const isKicked = (member: Pick<MemberFacts, 'banned' | 'untilDate'> | undefined, now: number): boolean => (bannedNow(member, now) & BANNED.view_messages) !== 0;

/** Whether the creator has the channel: one who left is its creator until somebody else is, but among its admins no more. */
export const isOwner = (record: Pick<ChannelFacts, 'creator' | 'admins'>, user: number): boolean => isCreator(record, user) && adminRights(record, user) !== 0;

/** Flags of ADMIN; 0: no admin. The creator has all, as long as he is in it. */
export function adminRights({ creator, admins }: Pick<ChannelFacts, 'creator' | 'admins'>, user: number): number {
  const own = admins.find((admin) => Number(admin.user) === user)?.rights;
  if (own === undefined) return 0;
  return Number(creator) === user ? ADMIN_ALL | own : own;
}

export const isAdmin = (record: Pick<ChannelFacts, 'creator' | 'admins'>, user: number): boolean => adminRights(record, user) !== 0;

/** Whether the channel's messages are the user's to see: he is in it, or it has a public name and he was not banned. */
export function mayRead(record: ChannelFacts, member: MemberFacts | undefined, now: number): boolean {
  if (record.destroyed || isKicked(member, now)) return false;
  return isMember(member) || record.username !== '';
}

/** Messages above this id are shown to the user, where he may read: all but those that he cleared for himself and, where what was before new members is hidden as of now, those. */
export function visibleAbove(record: Pick<ChannelFacts, 'hiddenPrehistory'>, member: Pick<MemberFacts, 'sinceId' | 'clearedId'> | undefined): number {
  return Math.max(member?.clearedId ?? 0, record.hiddenPrehistory ? member?.sinceId ?? 0 : 0);
}

/**
 * Why the user may not post something of these classes of media (flags of MediaClass); undefined: he may. In a broadcast it takes an admin's right (CHAT_ADMIN_REQUIRED);
 * in a supergroup a member, or where it discusses a broadcast's posts anybody unless only members may (CHAT_GUEST_SEND_FORBIDDEN); CHANNEL_PRIVATE to whom it is not shown.
 */
export function postRefusal(record: ChannelFacts, member: MemberFacts | undefined, user: number, now: number, mediaClass: number): string | undefined {
  if (record.destroyed || isKicked(member, now)) return 'CHANNEL_PRIVATE';
  const guest = !isMember(member);
  if (guest && record.username === '' && record.linked === 0n) return 'CHANNEL_PRIVATE';
  if (record.broadcast) return !guest && (adminRights(record, user) & ADMIN.post_messages) !== 0 ? undefined : 'CHAT_ADMIN_REQUIRED';
  if (guest && (record.linked === 0n || record.joinToSend)) return 'CHAT_GUEST_SEND_FORBIDDEN';
  if (!guest && isAdmin(record, user)) return undefined;
  const own = bannedNow(member, now);
  if (own & BANNED.send_messages) return 'USER_BANNED_IN_CHANNEL';
  return contentRefusal(own | record.defaultBanned, mediaClass);
}

/** How far somebody else than the viewer has read (0 viewer: anybody): what one has read oneself is not what others have. */
export function outboxReadId({ firstReader, firstReadId, secondReadId }: Pick<ChannelRecord, 'firstReader' | 'firstReadId' | 'secondReadId'>, viewer: number): number {
  return viewer !== 0 && Number(firstReader) === viewer ? secondReadId : firstReadId;
}

/** Whether `user` may change or take the rights of the admin `of`, or restrict him: the creator may with all others, an admin with those whom he made. */
export function mayEditAdmin(record: ChannelFacts, user: number, of: number): boolean {
  if (isCreator(record, of)) return false;
  if (isOwner(record, user)) return true;
  const admin = record.admins.find((each) => Number(each.user) === of);
  return admin !== undefined && Number(admin.promotedBy) === user;
}
