import type { CallerContext, Method } from '@heliograph/client-api/method';
import type { TypeUpdate, Updates } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { CHANNEL_DELETE_COMMANDS } from '../../limits';
import { emptyUpdates, outcomeUpdates } from '../../messages/answer';
import { actInChannel, channelUpdates } from '../../messages/channel-act';
import { openSupergroup } from '../../messages/channel-setting';
import { submit } from '../../messages/submit';

/**
 * Deletes what a supergroup holds up to max_id (0: all), for everybody or for the caller alone (docs: core.telegram.org/method/channels.deleteHistory). Of a long
 * history a part is gone then, the newest first: clients may ask again. Throws CHAT_ID_INVALID for a broadcast, CHAT_ADMIN_REQUIRED.
 */
export const deleteHistory: Method<Deps, 'channels.deleteHistory'> = async (deps, caller, request) => {
  const { box, topId } = await openSupergroup(deps, caller, request.channel);
  const maxId = request.max_id > 0 ? Math.min(request.max_id, topId) : topId;
  if (!request.for_everyone) return clear(deps, caller, box, maxId);
  const updates: TypeUpdate[] = [];
  let more = true;
  for (let run = 0; more && run < CHANNEL_DELETE_COMMANDS; run += 1) {
    const done = await actInChannel(deps, caller, box, { case: 'deleteHistory', value: { maxId } });
    updates.push(...(await channelUpdates(deps, caller, box, done)).updates);
    more = done.more;
  }
  return emptyUpdates(caller, updates);
};

/** The channel shows them to him no more, and his own box tells his devices. */
async function clear(deps: Deps, caller: CallerContext, box: number, maxId: number): Promise<Updates> {
  await actInChannel(deps, caller, box, { case: 'clearHistory', value: { maxId } });
  return outcomeUpdates(deps, caller, await submit(deps, caller, { case: 'deleteHistory', value: { peer: BigInt(box), maxId } }));
}
