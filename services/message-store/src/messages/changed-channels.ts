import { channelOfBox } from '@heliograph/box/box-id';
import { mayRead, outboxReadId } from '@heliograph/box/channel-rights';
import type { CallerContext } from '@heliograph/client-api/method';
import type { DialogRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ChannelState } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import type { TypeUpdate } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { BoxReader } from '../engine/contract';
import { CHANGED_CHANNELS_LEFT_MAX, CHANGED_CHANNELS_SLACK_SECONDS } from '../limits';
import { countUnread } from './channel-dialogs';

/**
 * Names the caller's channels that something happened in since a date (Unix seconds; 0: since ever), with the pts that each has now (who has that already asks for nothing), and
 * says what a channel's own difference has no place for: how far others have read there, and how far the caller has on another device. Those that ended, and those that the caller
 * was removed from or left, are only named: what they are to the caller now goes with it, and clients have nothing to ask them for.
 * Dates are of several clocks and updates pass each other on their way, so it looks CHANGED_CHANNELS_SLACK_SECONDS farther back.
 */
export async function changedChannels(deps: Pick<Deps, 'channels'>, caller: CallerContext, reader: BoxReader, date: number): Promise<TypeUpdate[]> {
  const joined = reader.channels();
  const since = date - CHANGED_CHANNELS_SLACK_SECONDS;
  const left = date === 0 ? [] : reader.leftChannels().filter(({ membership }) => (membership?.date ?? 0) >= since).slice(-CHANGED_CHANNELS_LEFT_MAX).map(({ peer }) => changed(Number(peer)));
  if (joined.length === 0) return left;
  const states = await deps.channels.find(caller.userId, joined.map(({ peer }) => Number(peer)));
  const own = new Map(joined.map((dialog) => [dialog.peer, dialog]));
  const told = await Promise.all(states.map(async (state): Promise<TypeUpdate[]> => {
    const dialog = own.get(state.channel);
    const changed = state.changedDate >= since || (dialog?.membership?.date ?? 0) >= since;
    const read = dialog !== undefined && dialog.readInboxDate >= since ? await readInbox(deps, caller, state, dialog) : [];
    return [...(changed ? changes(caller, state) : []), ...read];
  }));
  return [...left, ...told.flat()];
}

const changed = (box: number): TypeUpdate => ({ _: 'updateChannel', channel_id: channelOfBox(box) });

function changes({ userId }: CallerContext, { channel, pts, record }: ChannelState): TypeUpdate[] {
  const channel_id = channelOfBox(Number(channel));
  // There is nothing more to ask it for.
  if (record === undefined || record.destroyed) return [changed(Number(channel))];
  const max_id = outboxReadId(record, userId);
  return [{ _: 'updateChannelTooLong', channel_id, pts }, ...(max_id > 0 ? [{ _: 'updateReadChannelOutbox' as const, channel_id, max_id }] : [])];
}

/** How far the caller has read. Nothing where the channel is not the caller's to see any more. */
async function readInbox(deps: Pick<Deps, 'channels'>, { userId, date }: CallerContext, state: ChannelState, { readInboxMaxId: max_id, folderId }: DialogRecord): Promise<TypeUpdate[]> {
  const reader = deps.channels.reader(userId, state);
  if (reader === undefined || max_id === 0 || !mayRead(reader.record, reader.member, date)) return [];
  return [{
    _: 'updateReadChannelInbox', channel_id: channelOfBox(reader.box), max_id, still_unread_count: await countUnread(reader, max_id), folder_id: folderId || undefined, pts: state.pts,
  }];
}
