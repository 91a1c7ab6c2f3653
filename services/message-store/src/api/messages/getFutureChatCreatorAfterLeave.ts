import { channelHeir, groupHeir } from '@heliograph/box/heir';
import { isOwner } from '@heliograph/box/channel-rights';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { TypeInputPeer } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { isIn, namedGroup } from '../../messages/group-view';
import { isChannel, openChannel } from '../../messages/named-channel';

/**
 * Who owns a chat after the caller, its owner, has left: of a channel 7 days later unless he is back, of a basic group at once (docs: core.telegram.org/api/channel, "Leaving
 * groups/channels"); userEmpty where there is nobody. Throws CHAT_ADMIN_REQUIRED for others.
 */
export const getFutureChatCreatorAfterLeave: Method<Deps, 'messages.getFutureChatCreatorAfterLeave'> = async (deps, caller, request) => {
  return { _: 'userEmpty', id: isChannel(request.peer) ? await ofChannel(deps, caller, request.peer) : await ofGroup(deps, caller, request.peer) };
};

async function ofChannel(deps: Deps, caller: CallerContext, input: TypeInputPeer): Promise<number> {
  const { record } = await openChannel(deps, caller, input);
  if (!isOwner(record, caller.userId)) throw badRequest('CHAT_ADMIN_REQUIRED');
  return channelHeir(record);
}

async function ofGroup(deps: Deps, caller: CallerContext, input: TypeInputPeer): Promise<number> {
  const { chatId, view } = await namedGroup(deps, caller, input);
  const group = isIn(view) ? await deps.groups.find(chatId) : undefined;
  if (group === undefined || Number(group.record.creator) !== caller.userId) throw badRequest('CHAT_ADMIN_REQUIRED');
  return groupHeir(caller.userId, group.members);
}
