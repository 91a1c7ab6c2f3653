import { renderUpdates } from '@heliograph/box/render-update';
import type { CallerContext } from '@heliograph/client-api/method';
import type { ActResponse } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import type { Updates } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { ChannelActInit } from './channels';
import { channelSight } from './channel-views';

/** Asks a channel for something; the changes that it made, as the caller's own session is told. Throws what the channel refused, and as `Channels.act`. */
export async function changeInChannel(deps: Pick<Deps, 'channels' | 'engine' | 'keyring'>, caller: CallerContext, box: number, act: ChannelActInit): Promise<Updates> {
  return answeredUpdates(deps, caller, box, await deps.channels.act(caller, box, act));
}

/** What an act changed, as the caller's own session is told. */
export async function answeredUpdates(deps: Pick<Deps, 'engine' | 'keyring'>, caller: CallerContext, box: number, { updates }: ActResponse): Promise<Updates> {
  return renderUpdates(deps.keyring, box, updates, caller.date, undefined, await channelSight(deps, caller, box));
}
