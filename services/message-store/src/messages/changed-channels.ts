import { channelOfBox } from '@heliograph/box/box-id';
import type { CallerContext } from '@heliograph/client-api/method';
import type { TypeUpdate } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { BoxReader } from '../engine/contract';
import { CHANGED_CHANNELS_SLACK_SECONDS } from '../limits';

/**
 * Names the caller's channels that something happened in since a date (Unix seconds; 0: since ever), with the pts that each has now: who has that already asks for nothing.
 * Dates are of several clocks and updates pass each other on their way, so it looks CHANGED_CHANNELS_SLACK_SECONDS farther back.
 */
export async function changedChannels(deps: Pick<Deps, 'channels'>, caller: CallerContext, reader: BoxReader, date: number): Promise<TypeUpdate[]> {
  const joined = reader.channels();
  if (joined.length === 0) return [];
  const since = date - CHANGED_CHANNELS_SLACK_SECONDS;
  const states = await deps.channels.find(caller.userId, joined.map(({ peer }) => Number(peer)));
  const joinedSince = new Set(joined.filter(({ membership }) => (membership?.date ?? 0) >= since).map(({ peer }) => peer));
  return states.filter(({ channel, changedDate }) => changedDate >= since || joinedSince.has(channel)).map(({ channel, pts }) => ({ _: 'updateChannelTooLong', channel_id: channelOfBox(Number(channel)), pts }));
}
