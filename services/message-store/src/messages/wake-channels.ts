import { isOutgoingTo } from '@heliograph/box/channel-sight';
import type { CallerContext } from '@heliograph/client-api/method';
import type { DialogRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ChannelState } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import type { Deps } from '../deps';
import type { BoxReader } from '../engine/contract';
import { archivedUpTo, wakes } from '../engine/effects/folders';
import { isMutedAt, mutedUntil } from '../engine/effects/notify';
import { ARCHIVE, BOX_ITSELF } from '../engine/ids';
import { MUTED_FOR_EVER_SECONDS, PAGE_ROWS_MAX } from '../limits';

type WakeDeps = Pick<Deps, 'channels' | 'engine' | 'log'>;
interface News { channel: bigint; id: number; date: number }

/** The owner's archived channels that a message of somebody else brings back, as of a date. */
export function channelsAsleep(reader: BoxReader, date: number): DialogRecord[] {
  const settings = reader.dialog(BOX_ITSELF)?.settings;
  return reader.channels().filter((dialog) => dialog.folderId === ARCHIVE && !isMutedAt(settings, dialog, date));
}

/** Those that one brings back when their mute has ended by itself, and when that is (unix seconds). */
export function channelsAsleepLater(reader: BoxReader, date: number): { channel: bigint; from: number }[] {
  const settings = reader.dialog(BOX_ITSELF)?.settings;
  const muted = reader.channels().filter((dialog) => dialog.folderId === ARCHIVE && isMutedAt(settings, dialog, date));
  return muted.map((dialog) => ({ channel: dialog.peer, from: mutedUntil(settings, dialog) })).filter(({ from }) => from < MUTED_FOR_EVER_SECONDS);
}

/** Lets gateways know after they changed: a post tells no box of its readers. What doesn't reach them is found when the owner looks. */
export async function tellAsleep(deps: Pick<Deps, 'engine' | 'fanout' | 'log'>, { userId, date }: Pick<CallerContext, 'userId' | 'date'>): Promise<void> {
  try {
    const reader = await deps.engine.read(userId);
    const channels = channelsAsleep(reader, date).map(({ peer }) => peer);
    await deps.fanout.publish({ pushes: [{ userIds: [BigInt(userId)], what: { case: 'channelsAsleep', value: { channels, later: channelsAsleepLater(reader, date) } } }] });
  } catch (error) {
    deps.log.debug({ error: error instanceof Error ? error.message : 'unknown' }, 'gateways could not be told of archived channels');
  }
}

/** Whether any channel of the owner's is in the archive. */
export const hasArchivedChannels = (reader: BoxReader): boolean => reader.channels().some(({ folderId }) => folderId === ARCHIVE);

/**
 * Brings the owner's archived channels that aren't muted back to the main list where somebody wrote since (docs: core.telegram.org/api/folders#peer-folders). No post writes
 * to its readers' boxes: it is looked at when the owner looks, and written once. All sessions are told. Resolves to the box as it is then.
 */
export async function wakeChannels(deps: WakeDeps, { userId, date }: Pick<CallerContext, 'userId' | 'date'>, reader: BoxReader): Promise<BoxReader> {
  const settings = reader.dialog(BOX_ITSELF)?.settings;
  const asleep = new Map(channelsAsleep(reader, date).map((dialog) => [dialog.peer, dialog]));
  if (asleep.size === 0) return reader;
  try {
    const states = await deps.channels.find(userId, [...asleep.keys()].map(Number), { top: true });
    const found = await Promise.all(states.map(async (state) => {
      const dialog = asleep.get(state.channel);
      const news = dialog && (await newsOf(deps, userId, state, dialog));
      return dialog && news && wakes(settings, dialog, news) ? [news] : [];
    }));
    const news = found.flat();
    if (news.length === 0) return reader;
    await deps.engine.submit({ box: BigInt(userId), date, body: { case: 'wakeChannels', value: { news } } });
  } catch (error) {
    // They stay there until the owner looks again.
    deps.log.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'archived channels could not be looked after');
  }
  return deps.engine.read(userId);
}

/** The newest message of somebody else above what the channel was archived with, of the newest PAGE_ROWS_MAX. */
async function newsOf(deps: WakeDeps, viewer: number, state: ChannelState, dialog: DialogRecord): Promise<News | undefined> {
  const { channel, member, record, top, topId } = state;
  const mark = archivedUpTo(dialog);
  if (topId <= mark || !member?.present || record?.destroyed) return undefined;
  const isOfOthers = (message: Parameters<typeof isOutgoingTo>[1]): boolean => !isOutgoingTo(viewer, message);
  if (top && isOfOthers(top)) return { channel, id: top.id, date: top.date };
  const box = Number(channel);
  const above = await deps.channels.reader(viewer, state)?.history({ peer: box, maxId: 0, minId: mark, limit: PAGE_ROWS_MAX });
  const newest = above?.find(isOfOthers);
  return newest && { channel, id: newest.id, date: newest.date };
}
