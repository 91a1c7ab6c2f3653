import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { outcomeUpdates } from '../../messages/answer';
import { setInChannel } from '../../messages/channel-setting';
import { submitAct } from '../../messages/group-act';
import { isChannel, openChannel } from '../../messages/named-channel';
import { namedPeer } from '../../messages/peer';

/** Whether what is written in a group or a channel may be forwarded; its creator's to say (docs: core.telegram.org/method/messages.toggleNoForwards). Private chats don't have it yet. */
export const toggleNoForwards: Method<Deps, 'messages.toggleNoForwards'> = async (deps, caller, request) => {
  if (isChannel(request.peer)) return setInChannel(deps, caller, (await openChannel(deps, caller, request.peer)).box, { noforwards: request.enabled });
  const peer = await namedPeer(deps, caller, request.peer);
  if (peer > 0) throw badRequest('NOT_IMPLEMENTED');
  return outcomeUpdates(deps, caller, await submitAct(deps, caller, -peer, { case: 'setSettings', value: { noforwards: request.enabled } }));
};
