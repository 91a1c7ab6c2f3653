import { BANNED, isPresent } from '@heliograph/box/group-rights';
import { groupHeir } from '@heliograph/box/heir';
import type { Content, GroupAdd, GroupCreate, GroupRank, GroupRemove, GroupSetAdmin, MemberRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change } from '../../change';
import { GROUP_KNOWN_USERS_MAX, GROUP_MEMBERS_MAX } from '../../limits';
import { NO_BYTES } from '../../records';
import { withoutRequests } from '../invites';
import type { Group } from './group';
import { addPost } from './posts';
import { isAdmin, isCreator, mayAct } from './rights';

/** Makes the group; refused where the id is taken. */
export function createGroup(change: Change, group: Group, body: GroupCreate, notice: Content | undefined): void {
  if (group.record !== undefined) return group.refuse('CHAT_ID_TAKEN');
  const others = [...new Set(body.members.map(Number))].filter((user) => user !== group.actor && user > 0);
  if (others.length + 1 > GROUP_MEMBERS_MAX) return group.refuse('USERS_TOO_MUCH');
  group.editRecord({ titleSealed: body.titleSealed, creator: BigInt(group.actor), date: change.date, version: 1, memberCount: others.length + 1, ttlPeriod: body.ttlPeriod });
  for (const user of [group.actor, ...others]) group.editMember(user, { inviter: BigInt(group.actor), date: change.date });
  addPost(change, group, { content: notice, told: { case: 'other', value: true } }, true);
}

export function addMember(change: Change, group: Group, body: GroupAdd, notice: Content | undefined): void {
  const user = Number(body.user);
  // Who left comes back by himself.
  const returns = user === group.actor && group.member(user)?.left === true;
  if (!returns && !group.has(group.actor)) return group.refuse('USER_NOT_PARTICIPANT');
  if (!returns && !mayAct(group, BANNED.invite_users)) return group.refuse('CHAT_ADMIN_REQUIRED');
  if (group.has(user)) return group.refuse('USER_ALREADY_PARTICIPANT');
  // Who was removed comes back by those alone who may remove.
  if (group.member(user)?.kicked === true && !isAdmin(group, group.actor)) return group.refuse('USER_KICKED');
  if (!hasRoomFor(change, group, user)) return group.refuse('USERS_TOO_MUCH');
  enter(change, group, user, notice);
}

/** Whether one more can be in it, and be known to it. */
export function hasRoomFor(change: Change, group: Group, user: number): boolean {
  return (group.record?.memberCount ?? 0) < GROUP_MEMBERS_MAX && (group.member(user) !== undefined || change.state.dialogs.size <= GROUP_KNOWN_USERS_MAX);
}

/** How somebody comes in. */
interface Entry extends Partial<Pick<MemberRecord, 'inviter' | 'nonce' | 'approvedBy'>> {
  /** What the group says of it, he says himself. */
  speaks?: boolean;
  /** That message answers the actor. */
  answers?: boolean;
}

/** Makes somebody a member, of which all are told. There is room. */
export function enter(change: Change, group: Group, user: number, notice: Content | undefined, { speaks = false, answers = true, ...how }: Entry = {}): void {
  const { record } = group;
  const joined = BigInt(user);
  group.editRecord({
    memberCount: (record?.memberCount ?? 0) + 1, version: (record?.version ?? 0) + 1, requests: withoutRequests(record?.requests ?? [], [{ user: joined }]),
  });
  const member = { inviter: BigInt(group.actor), nonce: 0, approvedBy: 0n, ...how, date: change.date };
  group.editMember(user, { ...member, admin: false, left: false, kicked: false, sinceId: change.topId, lastPostId: 0, outboxReadId: 0, readId: 0 });
  const value = { $typeName: 'heliograph.box.v1.GroupMember' as const, user: joined, inviter: member.inviter, date: change.date, admin: false };
  addPost(change, group, { content: notice, told: { case: 'added', value }, from: speaks ? user : undefined }, answers);
}

/** Removes somebody, or the actor himself, who leaves. He still gets the message that says so, and nothing after it. */
export function removeMember(change: Change, group: Group, body: GroupRemove, notice: Content | undefined): void {
  const user = Number(body.user);
  const leaves = user === group.actor;
  const member = group.member(user);
  if (!isPresent(member)) return group.refuse('USER_NOT_PARTICIPANT');
  // Who is no admin removes those whom he brought in.
  if (!leaves && !isCreator(group, group.actor)) {
    if (isAdmin(group, user)) return group.refuse('USER_ADMIN_INVALID');
    if (!isAdmin(group, group.actor) && Number(member?.inviter) !== group.actor) return group.refuse('CHAT_ADMIN_REQUIRED');
  }
  const heir = leaves && body.handOver && isCreator(group, user) ? groupHeir(user, group.present().map((each) => [each, group.member(each)])) : 0;
  // Members are told who left alone: that two versions go by has them ask for all.
  group.editRecord({
    memberCount: Math.max(0, (group.record?.memberCount ?? 0) - 1), version: (group.record?.version ?? 0) + (heir === 0 ? 1 : 2), ...(heir === 0 ? {} : { creator: BigInt(heir) }),
  });
  group.editMember(user, { admin: false, left: leaves, kicked: !leaves, rankSealed: NO_BYTES });
  addPost(change, group, { content: notice, told: { case: 'removed', value: BigInt(user) }, also: user }, true);
}

/** The creator alone names admins of a basic group. */
export function setAdmin(change: Change, group: Group, body: GroupSetAdmin): void {
  const user = Number(body.user);
  if (!isCreator(group, group.actor)) return group.refuse('CHAT_ADMIN_REQUIRED');
  const member = group.member(user);
  if (!isPresent(member)) return group.refuse('USER_NOT_PARTICIPANT');
  if (user === group.actor) return group.refuse('USER_CREATOR');
  if (member?.admin === body.admin) return group.done();
  group.editMember(user, { admin: body.admin });
  group.editRecord({ version: (group.record?.version ?? 0) + 1 });
  group.tell({ case: 'admin', value: { $typeName: 'heliograph.box.v1.GroupMember', user: body.user, inviter: member?.inviter ?? 0n, date: member?.date ?? change.date, admin: body.admin } });
}

/** Calls a member something else: himself, where members may, or anybody by an admin; the creator and other admins by the creator alone (docs: core.telegram.org/api/rank). */
export function setRank(group: Group, { user: named, rankSealed }: GroupRank): void {
  const user = Number(named);
  const own = user === group.actor;
  if (!(own ? mayAct(group, BANNED.edit_rank) : isAdmin(group, group.actor))) return group.refuse('CHAT_ADMIN_REQUIRED');
  const member = group.member(user);
  if (!isPresent(member)) return group.refuse('USER_NOT_PARTICIPANT');
  if (!own && isAdmin(group, user) && !isCreator(group, group.actor)) return group.refuse('CHAT_ADMIN_REQUIRED');
  if (member?.rankSealed.length === 0 && rankSealed.length === 0) return group.done();
  group.editMember(user, { rankSealed });
  group.editRecord({ version: (group.record?.version ?? 0) + 1 });
  group.tell({ case: 'rank', value: { $typeName: 'heliograph.box.v1.GroupRank', user: named, rankSealed } });
}
