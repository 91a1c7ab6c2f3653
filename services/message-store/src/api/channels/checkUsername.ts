import { isOwner } from '@heliograph/box/channel-rights';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { NameState } from '@heliograph/protos/heliograph/users/v1/names_pb';
import type { Deps } from '../../deps';
import { openChannel } from '../../messages/named-channel';
import { refuseOneMorePublic } from '../../messages/own-channels';

/**
 * Whether a channel, or one that is yet to be made (inputChannelEmpty), could take a public name (docs: core.telegram.org/method/channels.checkUsername).
 * Throws USERNAME_INVALID, CHANNELS_ADMIN_PUBLIC_TOO_MUCH, CHAT_ADMIN_REQUIRED.
 */
export const checkUsername: Method<Deps, 'channels.checkUsername'> = async (deps, caller, request) => {
  const channel = request.channel._ === 'inputChannelEmpty' ? undefined : await openChannel(deps, caller, request.channel);
  if (channel && !isOwner(channel.record, caller.userId)) throw badRequest('CHAT_ADMIN_REQUIRED');
  if (!channel?.record.username) await refuseOneMorePublic(deps, caller);
  const { state } = await deps.names.checkName({ channel: BigInt(channel?.box ?? 0), name: request.username });
  if (state === NameState.INVALID) throw badRequest('USERNAME_INVALID');
  return state === NameState.FREE;
};
