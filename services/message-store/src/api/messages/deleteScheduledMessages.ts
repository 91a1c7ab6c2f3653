import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { REQUEST_IDS_MAX } from '../../limits';
import { outcomeUpdates } from '../../messages/answer';
import { namedPeer } from '../../messages/peer';
import { submit } from '../../messages/submit';

/** Gives up messages that wait to be sent; ids of none are passed over (docs: core.telegram.org/method/messages.deleteScheduledMessages). */
export const deleteScheduledMessages: Method<Deps, 'messages.deleteScheduledMessages'> = async (deps, caller, request) => {
  if (request.id.length > REQUEST_IDS_MAX) throw badRequest('LIMIT_INVALID');
  const peer = await namedPeer(deps, caller, request.peer);
  return outcomeUpdates(deps, caller, await submit(deps, caller, { case: 'deleteScheduled', value: { peer: BigInt(peer), ids: request.id } }));
};
