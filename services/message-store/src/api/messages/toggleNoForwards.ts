import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { outcomeUpdates } from '../../messages/answer';
import { submitAct } from '../../messages/group-act';
import { namedGroup } from '../../messages/group-view';
import { namedPeer } from '../../messages/peer';

/** Whether what is written in a basic group may be forwarded; its creator's to say (docs: core.telegram.org/method/messages.toggleNoForwards). Private chats don't have it yet. */
export const toggleNoForwards: Method<Deps, 'messages.toggleNoForwards'> = async (deps, caller, request) => {
  if ((await namedPeer(deps, caller, request.peer)) > 0) throw badRequest('NOT_IMPLEMENTED');
  const { chatId } = await namedGroup(deps, caller, request.peer);
  return outcomeUpdates(deps, caller, await submitAct(deps, caller, chatId, { case: 'setSettings', value: { noforwards: request.enabled } }));
};
