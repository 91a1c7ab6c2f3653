import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { ChannelRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { MessagesChatInviteJoinResultOk, TypeMessageAction } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { actInChannel, channelUpdates } from './channel-act';
import { refuseOneMore } from './own-channels';
import { tellRequests } from './tell-requests';

/**
 * Joins a channel, by the link that `nonce` names, or without one (0). `notice`: what a supergroup says about it. Throws INVITE_REQUEST_SENT where admins are to say
 * first, CHANNELS_TOO_MUCH, and what the channel refuses.
 */
export async function joinChannelAs(
  deps: Deps, caller: CallerContext, { box, record }: { readonly box: number; readonly record: ChannelRecord }, nonce: number, notice: TypeMessageAction,
): Promise<MessagesChatInviteJoinResultOk> {
  await refuseOneMore(deps, caller);
  const joined = await actInChannel(deps, caller, box, { case: 'join', value: { nonce } }, record.broadcast ? undefined : notice);
  if (joined.requested) {
    await tellRequests(deps, caller, box);
    throw badRequest('INVITE_REQUEST_SENT');
  }
  return { _: 'messages.chatInviteJoinResultOk', updates: await channelUpdates(deps, caller, box, joined) };
}
