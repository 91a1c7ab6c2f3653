import { ADMIN } from '@heliograph/box/group-rights';
import type { ChannelAnswerRequests, ChannelForgetInvites, ChannelSetInvite, Content, GroupInvite } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Effect } from '../../change';
import { CHANNEL_INVITES_MAX, CHANNEL_REQUESTS_ANSWERED_MAX } from '../../limits';
import type { Channel } from './channel';
import { announceInGroup, enter, hasRoomFor } from './members';

/** Makes or changes a link; admins change their own, the creator all. */
export function setInvite(channel: Channel, { invite, replacesPermanent }: ChannelSetInvite): void {
  const { change, actor, record } = channel;
  if (invite === undefined || invite.nonce === 0) return change.refuse('INVITE_HASH_INVALID');
  if (!channel.mayAsAdmin(ADMIN.invite_users)) return change.refuse('CHAT_ADMIN_REQUIRED');
  const known = record.invites.find(({ nonce }) => nonce === invite.nonce);
  if (known !== undefined && Number(known.admin) !== actor && !channel.isCreator(actor)) return change.refuse('CHAT_ADMIN_REQUIRED');
  const kept = record.invites
    .map((each) => (replacesPermanent && each.permanent && Number(each.admin) === actor && each !== known ? { ...each, permanent: false, revoked: true } : each))
    .filter((each) => each !== known);
  if (kept.length >= CHANNEL_INVITES_MAX) {
    // The oldest revoked one is forgotten; with none, no more are made.
    const oldest = kept.findIndex(({ revoked }) => revoked);
    if (oldest < 0) return change.refuse('INVITES_TOO_MUCH');
    kept.splice(oldest, 1);
  }
  channel.editRecord({ invites: [...kept, { ...invite, admin: known?.admin ?? BigInt(actor), usage: known?.usage ?? 0 }] });
}

/** Revoked links that admins made leave the list; others' only for the creator. What still holds stays. */
export function forgetInvites(channel: Channel, { nonces }: ChannelForgetInvites): void {
  const { change, actor, record } = channel;
  if (!channel.mayAsAdmin(ADMIN.invite_users)) return change.refuse('CHAT_ADMIN_REQUIRED');
  const forgotten = new Set(nonces);
  const goes = (invite: GroupInvite): boolean => invite.revoked && forgotten.has(invite.nonce) && (Number(invite.admin) === actor || channel.isCreator(actor));
  if (record.invites.some(goes)) channel.editRecord({ invites: record.invites.filter((invite) => !goes(invite)) });
}

/** Lets in who asked, or not: those named, or a page of all of one link, or of all; `more` tells whether any are left. */
export function* answerRequests(channel: Channel, body: ChannelAnswerRequests, notice: Content | undefined): Effect {
  const { change, actor, record } = channel;
  if (!channel.mayAsAdmin(ADMIN.invite_users)) return change.refuse('CHAT_ADMIN_REQUIRED');
  const named = new Set(body.users);
  const asked = record.requests.filter(({ user, nonce }) => (named.size > 0 ? named.has(user) : body.nonce === 0 || nonce === body.nonce));
  if (named.size > 0 && asked.length === 0) return change.refuse('HIDE_REQUESTER_MISSING');
  const answered = asked.slice(0, CHANNEL_REQUESTS_ANSWERED_MAX);
  change.more = answered.length < asked.length;
  if (answered.length === 0) return;
  if (body.approve && hasRoomFor(channel) < answered.length) return change.refuse('USERS_TOO_MUCH');
  yield* channel.load(answered.map(({ user }) => Number(user)));
  const done = new Set(answered);
  channel.editRecord({ requests: record.requests.filter((request) => !done.has(request)) });
  channel.tell();
  if (!body.approve) return;
  for (const { user, nonce } of answered) {
    const member = Number(user);
    if (channel.isPresent(member)) continue;
    const link = channel.record.invites.find((invite) => invite.nonce === nonce);
    if (link !== undefined) channel.editRecord({ invites: channel.record.invites.map((invite) => (invite === link ? { ...invite, usage: invite.usage + 1 } : invite)) });
    enter(channel, member, { nonce, approvedBy: BigInt(actor), inviter: link?.admin ?? 0n });
    announceInGroup(channel, notice, member);
  }
}
