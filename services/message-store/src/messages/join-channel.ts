import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { ChannelRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { MessagesChatInviteJoinResultOk, TypeMessageAction, Updates } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { actInChannel, channelUpdates, type ChannelActBody } from './channel-act';
import { refuseOneMore } from './own-channels';
import { tellRequests } from './tell-requests';

interface Joined {
  readonly box: number;
  readonly record: ChannelRecord;
}

/**
 * Joins a channel, by the link that `nonce` names, or without one (0). `notice`: what a supergroup says about it. Throws INVITE_REQUEST_SENT where admins are to say
 * first, CHANNELS_TOO_MUCH, and what the channel refuses.
 */
export async function joinChannelAs(deps: Deps, caller: CallerContext, channel: Joined, nonce: number, notice: TypeMessageAction): Promise<MessagesChatInviteJoinResultOk> {
  await refuseOneMore(deps, caller);
  return { _: 'messages.chatInviteJoinResultOk', updates: await enterChannel(deps, caller, channel, { case: 'join', value: { nonce } }, notice) };
}

/** The same by any way there is, for who may be in one more. */
export async function enterChannel(deps: Deps, caller: CallerContext, { box, record }: Joined, way: ChannelActBody & { case: 'join' | 'joinListed' }, notice: TypeMessageAction): Promise<Updates> {
  const joined = await actInChannel(deps, caller, box, way, record.broadcast ? undefined : notice);
  if (joined.requested) {
    await tellRequests(deps, caller, box);
    throw badRequest('INVITE_REQUEST_SENT');
  }
  return channelUpdates(deps, caller, box, joined);
}
