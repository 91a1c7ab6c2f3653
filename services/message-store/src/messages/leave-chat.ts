import { channelOfBox, isChannelBox } from '@heliograph/box/box-id';
import type { CallerContext } from '@heliograph/client-api/method';
import { RpcError } from '@heliograph/client-api/rpc-error';
import type { TypeUpdate } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { outcomeUpdates } from './answer';
import { submitAct } from './group-act';
import { leaveChannelAs } from './leave-channel';

/** Leaves a basic group or a channel, by its box; nothing where the caller is not in it. Throws what it refuses. */
export async function leaveChat(deps: Deps, caller: CallerContext, box: number): Promise<TypeUpdate[]> {
  try {
    if (!isChannelBox(box)) {
      const notice = { _: 'messageActionChatDeleteUser' as const, user_id: caller.userId };
      return (await outcomeUpdates(deps, caller, await submitAct(deps, caller, -box, { case: 'remove', value: { user: BigInt(caller.userId), handOver: true } }, notice))).updates;
    }
    const [state] = await deps.channels.find(caller.userId, [box]);
    if (state?.record === undefined) return [];
    return (await leaveChannelAs(deps, caller, { box, record: state.record })).updates;
  } catch (error) {
    if (error instanceof RpcError && (error.type === 'USER_NOT_PARTICIPANT' || error.type === 'CHANNEL_PRIVATE')) return isChannelBox(box) ? [{ _: 'updateChannel', channel_id: channelOfBox(box) }] : [];
    throw error;
  }
}
