import { isGroupBox } from '@heliograph/box/box-id';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { outcomeUpdates } from '../../messages/answer';
import { submitAct } from '../../messages/group-act';
import { namedPeer } from '../../messages/peer';

/** Whether what is written in a basic group may be forwarded; its creator's to say (docs: core.telegram.org/method/messages.toggleNoForwards). Private chats don't have it yet. */
export const toggleNoForwards: Method<Deps, 'messages.toggleNoForwards'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  if (!isGroupBox(peer)) throw badRequest('NOT_IMPLEMENTED');
  return outcomeUpdates(deps, caller, await submitAct(deps, caller, -peer, { case: 'setSettings', value: { noforwards: request.enabled } }));
};
