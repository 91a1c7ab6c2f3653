import { ADMIN } from '@heliograph/box/group-rights';
import type { ChannelAnswerRequests, ChannelForgetInvites, ChannelSetInvite, Content } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Effect } from '../../change';
import { CHANNEL_INVITES_MAX, CHANNEL_REQUESTS_ANSWERED_MAX } from '../../limits';
import { requestsNamed, withInvite, withoutRequests, withoutRevoked, withUse } from '../invites';
import type { Channel } from './channel';
import { enter, hasRoomFor } from './members';
import { announceInGroup } from './posts';

const inviter = (channel: Channel): { actor: number; isCreator: boolean } => ({ actor: channel.actor, isCreator: channel.isCreator(channel.actor) });

/** Makes or changes a link; admins change their own, the creator all. */
export function setInvite(channel: Channel, body: ChannelSetInvite): void {
  const { change, record } = channel;
  if (!channel.mayAsAdmin(ADMIN.invite_users)) return change.refuse('CHAT_ADMIN_REQUIRED');
  const invites = withInvite(record.invites, body, inviter(channel), CHANNEL_INVITES_MAX);
  if (typeof invites === 'string') return change.refuse(invites);
  channel.editRecord({ invites });
}

/** Revoked links that admins made leave the list; others' only for the creator. What still holds stays. */
export function forgetInvites(channel: Channel, { nonces }: ChannelForgetInvites): void {
  const { change, record } = channel;
  if (!channel.mayAsAdmin(ADMIN.invite_users)) return change.refuse('CHAT_ADMIN_REQUIRED');
  const invites = withoutRevoked(record.invites, nonces, inviter(channel));
  if (invites.length < record.invites.length) channel.editRecord({ invites });
}

/** Lets in who asked, or not: those named, or a page of all of one link, or of all; `more` tells whether any are left. */
export function* answerRequests(channel: Channel, body: ChannelAnswerRequests, notice: Content | undefined): Effect {
  const { change, actor, record } = channel;
  if (!channel.mayAsAdmin(ADMIN.invite_users)) return change.refuse('CHAT_ADMIN_REQUIRED');
  const asked = requestsNamed(record.requests, body);
  if (body.users.length > 0 && asked.length === 0) return change.refuse('HIDE_REQUESTER_MISSING');
  const answered = asked.slice(0, CHANNEL_REQUESTS_ANSWERED_MAX);
  change.more = answered.length < asked.length;
  if (answered.length === 0) return;
  if (body.approve && hasRoomFor(channel) < answered.length) return change.refuse('USERS_TOO_MUCH');
  yield* channel.load(answered.map(({ user }) => Number(user)));
  channel.editRecord({ requests: withoutRequests(record.requests, answered) });
  channel.tell();
  if (!body.approve) return;
  for (const { user, nonce } of answered) {
    const member = Number(user);
    if (channel.isPresent(member)) continue;
    const link = channel.record.invites.find((invite) => invite.nonce === nonce);
    if (link !== undefined) channel.editRecord({ invites: withUse(channel.record.invites, nonce) });
    enter(channel, member, { nonce, approvedBy: BigInt(actor), inviter: link?.admin ?? 0n });
    announceInGroup(channel, notice, member);
  }
}
