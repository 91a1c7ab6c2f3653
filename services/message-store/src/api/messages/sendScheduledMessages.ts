import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { TypeUpdate } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { REQUEST_IDS_MAX } from '../../limits';
import { emptyUpdates, outcomeUpdates } from '../../messages/answer';
import { namedPeer } from '../../messages/peer';
import { admitToSchedule, getScheduled, unlessChanged } from '../../messages/schedule';
import { admit } from '../../messages/send';
import { submit } from '../../messages/submit';

/** Sends messages that wait at once, in the order asked (docs: core.telegram.org/method/messages.sendScheduledMessages). */
export const sendScheduledMessages: Method<Deps, 'messages.sendScheduledMessages'> = async (deps, caller, request) => {
  if (request.id.length > REQUEST_IDS_MAX) throw badRequest('LIMIT_INVALID');
  const peer = await namedPeer(deps, caller, request.peer);
  const [{ noDeliver }] = await Promise.all([admit(deps, caller.userId, peer), admitToSchedule(deps, caller, peer)]);
  const updates: TypeUpdate[] = [];
  for (const id of new Set(request.id)) {
    const outcome = await unlessChanged(async () => submit(deps, caller, { case: 'sendScheduled', value: { message: await getScheduled(deps, caller, peer, id), noDeliver } }));
    updates.push(...(await outcomeUpdates(deps, caller, outcome)).updates);
  }
  deps.presence.touch(caller.userId);
  return emptyUpdates(caller, updates);
};
