import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { openSupergroup, setInChannel } from '../../messages/channel-setting';

/**
 * Whether admins let in who joins a public supergroup (docs: core.telegram.org/method/channels.toggleJoinRequest). Throws CHAT_PUBLIC_REQUIRED for one that nobody can
 * join by himself. Links say for themselves, and bots don't let anybody in yet: NOT_IMPLEMENTED.
 */
export const toggleJoinRequest: Method<Deps, 'channels.toggleJoinRequest'> = async (deps, caller, request) => {
  if (request.guard_bot || request.apply_to_invites) throw badRequest('NOT_IMPLEMENTED');
  const { box, record } = await openSupergroup(deps, caller, request.channel);
  if (request.enabled && record.username === '' && record.linked === 0n) throw badRequest('CHAT_PUBLIC_REQUIRED');
  return setInChannel(deps, caller, box, { joinRequest: request.enabled });
};
