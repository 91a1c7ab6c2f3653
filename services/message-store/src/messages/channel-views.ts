import type { ChannelSight } from '@heliograph/box/channel-sight';
import { readUpTo } from '@heliograph/box/discussion';
import type { CallerContext } from '@heliograph/client-api/method';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeMessage } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { ChannelReader } from './channels';
import { commentsOn } from './comments';
import { messageViews } from './views';

/** A channel's messages as the caller sees them, in the order given. */
export async function channelMessageViews(
  deps: Pick<Deps, 'comments' | 'engine' | 'keyring' | 'postCounts'>, caller: CallerContext, channel: ChannelReader, records: readonly MessageRecord[],
): Promise<TypeMessage[]> {
  if (records.length === 0) return [];
  return messageViews(deps, channel, channel.box, records, await countedSight(deps, caller, channel, records));
}

/** With how many have seen those of the records that are a broadcast's posts, and what is commented on them. */
export async function countedSight(
  deps: Pick<Deps, 'comments' | 'engine' | 'postCounts'>, caller: CallerContext, channel: Pick<ChannelReader, 'box' | 'record'>, records: readonly MessageRecord[],
): Promise<ChannelSight> {
  const posts = records.filter(({ from, content }) => from === 0n && !content?.service).map(({ id }) => id);
  const [sight, counts, comments] = await Promise.all([channelSight(deps, caller, channel.box), deps.postCounts.count(channel.box, posts), commentsOn(deps, caller, channel, records)]);
  return { ...sight, countsOf: (id) => counts.get(id), commentsOn: comments };
}

/** What the caller's own box knows of a channel's messages. */
export async function channelSight(deps: Pick<Deps, 'engine'>, { userId: viewer }: CallerContext, box: number): Promise<ChannelSight> {
  const dialog = (await deps.engine.read(viewer)).dialog(box);
  const mentions = new Set(dialog?.membership?.mentions);
  const reactions = new Set(dialog?.unreadReactions.map(({ id, user }) => `${id} ${user}`));
  return { viewer, isUnread: (id) => mentions.has(id), isUnreadReaction: (id, user) => reactions.has(`${id} ${user}`), readUpTo: (id) => readUpTo(dialog, id) };
}
