import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { MissingInvitee } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { INVITED_USERS_MAX } from '../../limits';
import { emptyUpdates } from '../../messages/answer';
import { actInChannel, channelUpdates } from '../../messages/channel-act';
import { sortInvitees } from '../../messages/invitees';
import { openChannel } from '../../messages/named-channel';

/**
 * Brings users into a channel; who may not be brought is named as missing (docs: core.telegram.org/method/channels.inviteToChannel). Throws USERS_TOO_MUCH, and
 * for a single user why: USER_ALREADY_PARTICIPANT, USER_KICKED.
 */
export const inviteToChannel: Method<Deps, 'channels.inviteToChannel'> = async (deps, caller, request) => {
  if (request.users.length > INVITED_USERS_MAX) throw badRequest('USERS_TOO_MUCH');
  const users = [...new Set(request.users.map((input) => deps.peers.user(caller.userId, input)))];
  const channel = await openChannel(deps, caller, request.channel);
  const { invited, missing } = await sortInvitees(deps, caller, users);
  const known = new Map((await channel.members(invited)).map((member) => [Number(member.user), member]));
  const coming = invited.filter((user) => known.get(user)?.present !== true);
  if (users.length === 1 && invited.length === 1 && coming.length === 0) throw badRequest('USER_ALREADY_PARTICIPANT');
  if (coming.length === 0) return { _: 'messages.invitedUsers', updates: emptyUpdates(caller), missing_invitees: missing };
  const { box, record } = channel;
  const notice = record.broadcast ? undefined : { _: 'messageActionChatAddUser' as const, users: coming };
  const done = await actInChannel(deps, caller, box, { case: 'invite', value: { users: coming.map(BigInt) } }, notice);
  const refused: MissingInvitee[] = done.usersRefused.map((user) => ({ _: 'missingInvitee', user_id: Number(user) }));
  return { _: 'messages.invitedUsers', updates: await channelUpdates(deps, caller, box, done), missing_invitees: [...missing, ...refused] };
};
