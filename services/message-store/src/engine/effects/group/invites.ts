import type { ChannelAnswerRequests, Content, GroupForgetInvites, GroupJoin, GroupSetInvite } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change } from '../../change';
import { DERIVED_COMMANDS_MAX, GROUP_INVITES_MAX, GROUP_MEMBERS_MAX, GROUP_REQUESTS_MAX } from '../../limits';
import { isSpent, requestsNamed, withInvite, withoutRequests, withoutRevoked, withRequest, withUse } from '../invites';
import type { Group } from './group';
import { enter, hasRoomFor } from './members';
import { isAdmin, isCreator } from './rights';

const inviter = (group: Group): { actor: number; isCreator: boolean } => ({ actor: group.actor, isCreator: isCreator(group, group.actor) });

/** Makes or changes a link; admins change their own, the creator all. */
export function setInvite(group: Group, body: GroupSetInvite): void {
  if (!isAdmin(group, group.actor)) return group.refuse('CHAT_ADMIN_REQUIRED');
  const invites = withInvite(group.record?.invites ?? [], body, inviter(group), GROUP_INVITES_MAX);
  if (typeof invites === 'string') return group.refuse(invites);
  group.editRecord({ invites });
  group.done();
}

/** Revoked links that admins made leave the list; of others' only for the creator. What still holds stays. */
export function forgetInvites(group: Group, { nonces }: GroupForgetInvites): void {
  if (!isAdmin(group, group.actor)) return group.refuse('CHAT_ADMIN_REQUIRED');
  const before = group.record?.invites ?? [];
  const invites = withoutRevoked(before, nonces, inviter(group));
  if (invites.length < before.length) group.editRecord({ invites });
  group.done();
}

/** By a link: at once, or, where its admins want to say, by asking them. */
export function joinGroup(change: Change, group: Group, { nonce }: GroupJoin, notice: Content | undefined): void {
  const { actor, record } = group;
  const invite = record?.invites.find((each) => each.nonce === nonce);
  if (invite === undefined || isSpent(invite, change.date)) return group.refuse('INVITE_HASH_EXPIRED');
  if (group.has(actor)) return group.refuse('USER_ALREADY_PARTICIPANT');
  if (group.member(actor)?.kicked === true) return group.refuse('INVITE_HASH_EXPIRED');
  if (!hasRoomFor(change, group, actor)) return group.refuse('USERS_TOO_MUCH');
  if (invite.requestNeeded) {
    const requests = withRequest(record?.requests ?? [], { user: BigInt(actor), date: change.date, nonce }, GROUP_REQUESTS_MAX);
    if (requests !== undefined) group.editRecord({ requests });
    return group.answer({ requested: true });
  }
  group.editRecord({ invites: withUse(record?.invites ?? [], nonce) });
  enter(change, group, actor, notice, { inviter: invite.admin, nonce });
}

/**
 * Lets in who asked, or not: those named, or all of one link, or all. Everybody present is told of each who comes, so one command lets in as many as it can tell
 * of; `more` tells whether any are left.
 */
export function answerRequests(change: Change, group: Group, body: ChannelAnswerRequests, notice: Content | undefined): void {
  const { actor } = group;
  if (!isAdmin(group, actor)) return group.refuse('CHAT_ADMIN_REQUIRED');
  const requests = group.record?.requests ?? [];
  const asked = requestsNamed(requests, body);
  if (body.users.length > 0 && asked.length === 0) return group.refuse('HIDE_REQUESTER_MISSING');
  if (asked.length === 0) return group.done();
  if (!body.approve) {
    group.editRecord({ requests: withoutRequests(requests, asked) });
    return group.done();
  }
  if ((group.record?.memberCount ?? 0) + asked.length > GROUP_MEMBERS_MAX) return group.refuse('USERS_TOO_MUCH');
  let left = asked.length;
  for (const { user, nonce } of asked) {
    // Those present, the one who comes, and the answer.
    if (change.derived.length + (group.record?.memberCount ?? 0) + 2 > DERIVED_COMMANDS_MAX) return group.answer({ more: true });
    if (!hasRoomFor(change, group, Number(user))) return group.refuse('USERS_TOO_MUCH');
    left -= 1;
    const link = group.record?.invites.find((invite) => invite.nonce === nonce);
    if (link !== undefined) group.editRecord({ invites: withUse(group.record?.invites ?? [], nonce) });
    enter(change, group, Number(user), notice, { inviter: link?.admin ?? BigInt(actor), nonce, approvedBy: BigInt(actor), speaks: true, answers: left === 0 });
  }
}
