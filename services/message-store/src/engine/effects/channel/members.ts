import { adminRights } from '@heliograph/box/channel-rights';
import { ADMIN, BANNED } from '@heliograph/box/group-rights';
import type { ChannelInvite, ChannelJoin, ChannelJoinListed, ChannelLeave, ChannelMember, Content } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { channelHeir } from '@heliograph/box/heir';
import type { Effect } from '../../change';
import { CHANNEL_INVITED_USERS_MAX, CHANNEL_MEMBERS_MAX, CHANNEL_REQUESTS_MAX } from '../../limits';
import { NO_BYTES } from '../../records';
import { isSpent, withoutRequests, withRequest, withUse } from '../invites';
import type { Channel } from './channel';
import { announceInGroup } from './posts';
import { HEIR_CHANGED, leaveToHeir, takeBack } from './succession';

/** Makes somebody a member, who hears of it in his own box. Restrictions stay, being kicked does not. He is loaded, and there is room. */
export function enter(channel: Channel, user: number, how: Partial<Pick<ChannelMember, 'inviter' | 'date' | 'nonce' | 'approvedBy' | 'admin'>> = {}): void {
  const { change } = channel;
  const banned = channel.banned(user);
  const kicked = (banned & BANNED.view_messages) !== 0;
  const free = kicked || banned === 0;
  channel.editMember(user, {
    inviter: 0n, date: change.date, nonce: 0, approvedBy: 0n, ...how,
    present: true, titleSealed: NO_BYTES, rankSealed: NO_BYTES, sinceId: channel.record.hiddenPrehistory ? change.state.head.topId : 0, readId: 0, readDate: 0, banned: free ? 0 : banned, ...(free ? { untilDate: 0, bannedBy: 0n } : {}),
  });
  const { requests } = channel.record;
  const others = withoutRequests(requests, [{ user: BigInt(user) }]);
  if (others.length < requests.length) channel.editRecord({ requests: others });
  if (channel.record.heirAt !== 0 && channel.isCreator(user)) takeBack(channel, user);
  tellMembership(channel, user, { present: true, inviter: how.inviter ?? 0n, kicked: false });
  channel.tell({ joined: [BigInt(user)] });
}

/** Ends a membership; an admin is none any more. */
export function exit(channel: Channel, user: number, kicked: boolean): void {
  demote(channel, user);
  channel.editMember(user, { present: false, admin: false, titleSealed: channel.record.titleSealed, rankSealed: NO_BYTES });
  tellMembership(channel, user, { present: false, inviter: 0n, kicked });
  channel.tell({ left: [BigInt(user)] });
}

/** Takes somebody from the admins, if he is one. What he is called he is called still. */
export function demote(channel: Channel, user: number): void {
  const admin = channel.admin(user);
  if (admin === undefined) return;
  channel.editRecord({ admins: channel.record.admins.filter((each) => each !== admin) });
  if (!channel.record.broadcast && admin.rankSealed.length > 0) channel.editMember(user, { rankSealed: admin.rankSealed });
}

/** Tells a user's box whether the channel is in its lists. */
export function tellMembership({ change, box, record }: Channel, user: number, { present, inviter, kicked }: { present: boolean; inviter: bigint; kicked: boolean }): void {
  const channel = BigInt(box);
  change.derived.push({
    box: user,
    body: {
      case: 'channelTold',
      value: {
        $typeName: 'heliograph.box.v1.ChannelTold', channel,
        membership: { $typeName: 'heliograph.box.v1.ChannelMembership', present, inviter, date: change.date, kicked, broadcast: record.broadcast, pts: change.state.head.pts, mentions: [], version: change.version },
      },
    },
  });
}

/** How many more can be members. */
export const hasRoomFor = ({ record }: Channel): number => (record.broadcast ? Infinity : CHANNEL_MEMBERS_MAX - record.memberCount);
export const isFull = (channel: Channel): boolean => hasRoomFor(channel) <= 0;

/** By himself: a public channel, a discussion group, or by a link. `requested` says that he has to wait for an admin. */
export function join(channel: Channel, { nonce }: ChannelJoin, notice: Content | undefined): void {
  const { change, actor, record } = channel;
  const link = nonce === 0 ? undefined : record.invites.find((invite) => invite.nonce === nonce);
  if (nonce !== 0 && (link === undefined || isSpent(link, change.date))) return change.refuse('INVITE_HASH_EXPIRED');
  if (channel.isPresent(actor)) return change.refuse('USER_ALREADY_PARTICIPANT');
  if ((channel.banned(actor) & BANNED.view_messages) !== 0) return change.refuse(nonce === 0 ? 'CHANNEL_PRIVATE' : 'INVITE_HASH_EXPIRED');
  const returns = channel.isCreator(actor);
  if (link === undefined && !isOpen(channel) && !returns) return change.refuse('CHANNEL_PRIVATE');
  if (isFull(channel)) return change.refuse('USERS_TOO_MUCH');
  if (!returns && (link?.requestNeeded ?? record.joinRequest)) return request(channel, nonce);
  if (link !== undefined) channel.editRecord({ invites: withUse(record.invites, nonce) });
  enter(channel, actor, { nonce, inviter: link?.admin ?? 0n });
  announceInGroup(channel, notice);
}

/** By a list of chats that somebody shares: as into an open channel, or, where that one may invite as of now, into any. */
export function* joinListed(channel: Channel, { sharer }: ChannelJoinListed, notice: Content | undefined): Effect {
  const { change, actor, record } = channel;
  const inviter = Number(sharer);
  yield* channel.load(inviter > 0 ? [inviter] : []);
  const invited = inviter > 0 && channel.isPresent(inviter) && (adminRights(record, inviter) & ADMIN.invite_users) !== 0;
  if (channel.isPresent(actor)) return change.refuse('USER_ALREADY_PARTICIPANT');
  const returns = channel.isCreator(actor);
  if ((channel.banned(actor) & BANNED.view_messages) !== 0 || !(invited || returns || isOpen(channel))) return change.refuse('CHANNEL_PRIVATE');
  if (isFull(channel)) return change.refuse('USERS_TOO_MUCH');
  if (record.joinRequest && !returns) return request(channel, 0);
  enter(channel, actor, { inviter: invited ? sharer : 0n });
  announceInGroup(channel, notice);
}

/** Whether anybody can join who wants to. */
const isOpen = ({ record }: Channel): boolean => record.username !== '' || (!record.broadcast && record.linked !== 0n);

function request(channel: Channel, nonce: number): void {
  const { change, actor, record } = channel;
  change.requested = true;
  const requests = withRequest(record.requests, { user: BigInt(actor), date: change.date, nonce }, CHANNEL_REQUESTS_MAX);
  if (requests === undefined) return;
  channel.editRecord({ requests });
  channel.tell();
}

/** Its creator leaves it to an heir, and can't where there is none. */
export function leave(channel: Channel, { heir, heirNotice }: ChannelLeave, notice: Content | undefined): void {
  const { change, actor } = channel;
  if (channel.isCreator(actor)) {
    if (heir === 0n || channelHeir(channel.record) !== Number(heir)) return change.refuse(heir === 0n ? 'USER_CREATOR' : HEIR_CHANGED);
    leaveToHeir(channel);
    announceInGroup(channel, heirNotice, actor);
  }
  announceInGroup(channel, notice);
  exit(channel, actor, false);
}

/** Adds users; who can't be added is passed over and named, or, where it is the only one, the reason of the refusal. */
export function* invite(channel: Channel, body: ChannelInvite, notice: Content | undefined): Effect {
  const { change, actor } = channel;
  if (!channel.may(ADMIN.invite_users, BANNED.invite_users)) return change.refuse('CHAT_ADMIN_REQUIRED');
  const users = [...new Set(body.users.map(Number))].filter((user) => user > 0);
  if (users.length > CHANNEL_INVITED_USERS_MAX) return change.refuse('USERS_TOO_MUCH');
  yield* channel.load(users);
  const refused: number[] = [];
  for (const user of users) {
    const refusal = invitationRefusal(channel, user);
    if (refusal === undefined) enter(channel, user, { inviter: BigInt(actor) });
    else if (users.length === 1) return change.refuse(refusal);
    else refused.push(user);
  }
  change.usersRefused = refused;
  if (refused.length < users.length) announceInGroup(channel, notice);
}

/** Who was kicked comes back by those alone who may kick. */
function invitationRefusal(channel: Channel, user: number): string | undefined {
  if (channel.isPresent(user)) return 'USER_ALREADY_PARTICIPANT';
  if ((channel.banned(user) & BANNED.view_messages) !== 0 && !channel.mayAsAdmin(ADMIN.ban_users)) return 'USER_KICKED';
  return isFull(channel) ? 'USERS_TOO_MUCH' : undefined;
}
