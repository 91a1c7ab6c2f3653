import { BANNED, isPresent } from '@heliograph/box/group-rights';
import type { Content, GroupAdd, GroupCreate, GroupForgetInvites, GroupInvite, GroupJoin, GroupRemove, GroupSetAdmin, GroupSetInvite } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change } from '../../change';
import { GROUP_INVITES_MAX, GROUP_KNOWN_USERS_MAX, GROUP_MEMBERS_MAX } from '../../limits';
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
  enter(change, group, user, notice);
}

export function joinGroup(change: Change, group: Group, body: GroupJoin, notice: Content | undefined): void {
  const invite = group.record?.invites.find(({ nonce }) => nonce === body.nonce);
  if (invite === undefined || isSpent(invite, change.date)) return group.refuse('INVITE_HASH_EXPIRED');
  if (group.has(group.actor)) return group.refuse('USER_ALREADY_PARTICIPANT');
  if (group.member(group.actor)?.kicked === true) return group.refuse('INVITE_HASH_EXPIRED');
  if (!enter(change, group, group.actor, notice, Number(invite.admin))) return;
  group.editRecord({ invites: (group.record?.invites ?? []).map((each) => (each === invite ? { ...each, usage: each.usage + 1 } : each)) });
}

/** Whether nobody can join by the link any more. */
export function isSpent(invite: GroupInvite, date: number): boolean {
  return invite.revoked || (invite.expireDate > 0 && invite.expireDate <= date) || (invite.usageLimit > 0 && invite.usage >= invite.usageLimit);
}

function enter(change: Change, group: Group, user: number, notice: Content | undefined, inviter = group.actor): boolean {
  const record = group.record;
  if (record === undefined || record.memberCount >= GROUP_MEMBERS_MAX || (group.member(user) === undefined && change.state.dialogs.size > GROUP_KNOWN_USERS_MAX)) {
    group.refuse('USERS_TOO_MUCH');
    return false;
  }
  group.editRecord({ memberCount: record.memberCount + 1, version: record.version + 1 });
  group.editMember(user, { inviter: BigInt(inviter), date: change.date, admin: false, left: false, kicked: false, sinceId: change.topId, lastPostId: 0, outboxReadId: 0, readId: 0 });
  const value = { $typeName: 'heliograph.box.v1.GroupMember' as const, user: BigInt(user), inviter: BigInt(inviter), date: change.date, admin: false };
  addPost(change, group, { content: notice, told: { case: 'added', value } }, true);
  return true;
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
  group.editRecord({ memberCount: Math.max(0, (group.record?.memberCount ?? 0) - 1), version: (group.record?.version ?? 0) + 1 });
  group.editMember(user, { admin: false, left: leaves, kicked: !leaves });
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

/** Makes or changes a link; admins change their own, the creator all. */
export function setInvite(_change: Change, group: Group, body: GroupSetInvite): void {
  const { invite } = body;
  if (invite === undefined) return group.refuse('INVITE_HASH_INVALID');
  if (!isAdmin(group, group.actor)) return group.refuse('CHAT_ADMIN_REQUIRED');
  const before = group.record?.invites ?? [];
  const known = before.find(({ nonce }) => nonce === invite.nonce);
  if (known !== undefined && Number(known.admin) !== group.actor && !isCreator(group, group.actor)) return group.refuse('CHAT_ADMIN_REQUIRED');
  const kept = before
    .map((each) => (body.replacesPermanent && each.permanent && Number(each.admin) === group.actor && each !== known ? { ...each, permanent: false, revoked: true } : each))
    .filter((each) => each !== known);
  if (kept.length >= GROUP_INVITES_MAX) {
    // The oldest revoked one is forgotten; with none, no more are made.
    const oldest = kept.findIndex(({ revoked }) => revoked);
    if (oldest < 0) return group.refuse('INVITES_TOO_MUCH');
    kept.splice(oldest, 1);
  }
  group.editRecord({ invites: [...kept, { ...invite, admin: known?.admin ?? BigInt(group.actor), usage: known?.usage ?? 0 }] });
  group.done();
}

/** Revoked links that admins made leave the list; of others' only for the creator. What still holds stays. */
export function forgetInvites(group: Group, { nonces }: GroupForgetInvites): void {
  if (!isAdmin(group, group.actor)) return group.refuse('CHAT_ADMIN_REQUIRED');
  const forgotten = new Set(nonces);
  const before = group.record?.invites ?? [];
  const goes = (invite: GroupInvite): boolean => invite.revoked && forgotten.has(invite.nonce) && (Number(invite.admin) === group.actor || isCreator(group, group.actor));
  if (before.some(goes)) group.editRecord({ invites: before.filter((invite) => !goes(invite)) });
  group.done();
}
