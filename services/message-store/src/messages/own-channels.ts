import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { ChannelState } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import type { Deps } from '../deps';
import { OWN_CHANNELS_MAX, PUBLIC_CHANNELS_MAX } from '../limits';

/** Boxes of the channels that the caller is in. */
export async function ownChannels(deps: Pick<Deps, 'engine'>, caller: CallerContext): Promise<number[]> {
  return (await deps.engine.read(caller.userId)).channels().map(({ peer }) => Number(peer));
}

/** The same as they are now, those that there still are. */
export async function ownChannelStates(deps: Pick<Deps, 'channels' | 'engine'>, caller: CallerContext): Promise<ChannelState[]> {
  const states = await deps.channels.find(caller.userId, await ownChannels(deps, caller));
  return states.filter(({ record, member }) => record !== undefined && !record.destroyed && member?.present === true);
}

/** Throws CHANNELS_TOO_MUCH where the caller is in as many channels as one can be. */
export async function refuseOneMore(deps: Pick<Deps, 'engine'>, caller: CallerContext): Promise<void> {
  if ((await ownChannels(deps, caller)).length >= OWN_CHANNELS_MAX) throw badRequest('CHANNELS_TOO_MUCH');
}

/** Channels with a public name that the caller made. */
export async function ownPublicChannels(deps: Pick<Deps, 'channels' | 'engine'>, caller: CallerContext): Promise<ChannelState[]> {
  return (await ownChannelStates(deps, caller)).filter(({ record }) => Number(record?.creator) === caller.userId && record?.username !== '');
}

/** Throws CHANNELS_ADMIN_PUBLIC_TOO_MUCH where the caller made as many public channels as one may. */
export async function refuseOneMorePublic(deps: Pick<Deps, 'channels' | 'engine'>, caller: CallerContext): Promise<void> {
  if ((await ownPublicChannels(deps, caller)).length >= PUBLIC_CHANNELS_MAX) throw badRequest('CHANNELS_ADMIN_PUBLIC_TOO_MUCH');
}
