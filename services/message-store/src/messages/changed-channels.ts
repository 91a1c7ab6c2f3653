import { channelOfBox } from '@heliograph/box/box-id';
import { outboxReadId } from '@heliograph/box/channel-rights';
import type { CallerContext } from '@heliograph/client-api/method';
import type { TypeUpdate } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { BoxReader } from '../engine/contract';
import { CHANGED_CHANNELS_SLACK_SECONDS } from '../limits';

/**
 * Names the caller's channels that something happened in since a date (Unix seconds; 0: since ever), with the pts that each has now (who has that already asks for nothing) and
 * how far others have read there, which a channel's own difference has no place for.
 * Dates are of several clocks and updates pass each other on their way, so it looks CHANGED_CHANNELS_SLACK_SECONDS farther back.
 */
export async function changedChannels(deps: Pick<Deps, 'channels'>, caller: CallerContext, reader: BoxReader, date: number): Promise<TypeUpdate[]> {
  const joined = reader.channels();
  if (joined.length === 0) return [];
  const since = date - CHANGED_CHANNELS_SLACK_SECONDS;
  const states = await deps.channels.find(caller.userId, joined.map(({ peer }) => Number(peer)));
  const joinedSince = new Set(joined.filter(({ membership }) => (membership?.date ?? 0) >= since).map(({ peer }) => peer));
  return states.filter(({ channel, changedDate }) => changedDate >= since || joinedSince.has(channel)).flatMap(({ channel, pts, record }): TypeUpdate[] => {
    const channel_id = channelOfBox(Number(channel));
    const max_id = record === undefined ? 0 : outboxReadId(record, caller.userId);
    return [{ _: 'updateChannelTooLong', channel_id, pts }, ...(max_id > 0 ? [{ _: 'updateReadChannelOutbox' as const, channel_id, max_id }] : [])];
  });
}
