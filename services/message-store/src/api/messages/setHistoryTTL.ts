import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { ttlPeriod } from '../../domain/ttl-period';
import { outcomeUpdates } from '../../messages/answer';
import { submitAct } from '../../messages/group-act';
import { namedGroup } from '../../messages/group-view';
import { namedPeer } from '../../messages/peer';

/** After how long messages of a basic group go away by themselves, 0: never; said in the group (docs: core.telegram.org/method/messages.setHistoryTTL). Private chats don't have it yet. */
export const setHistoryTTL: Method<Deps, 'messages.setHistoryTTL'> = async (deps, caller, request) => {
  const period = ttlPeriod(request.period);
  if ((await namedPeer(deps, caller, request.peer)) > 0) throw badRequest('NOT_IMPLEMENTED');
  const { chatId } = await namedGroup(deps, caller, request.peer);
  return outcomeUpdates(deps, caller, await submitAct(deps, caller, chatId, { case: 'setSettings', value: { ttlPeriod: period } }, { _: 'messageActionSetMessagesTTL', period }));
};
