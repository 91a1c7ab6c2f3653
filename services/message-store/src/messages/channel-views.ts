import type { ChannelSight } from '@heliograph/box/channel-sight';
import { readUpTo } from '@heliograph/box/discussion';
import { openRank } from '@heliograph/box/group-title';
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
  const [sight, rankOf] = await Promise.all([countedSight(deps, caller, channel, records), ranksOf(deps, channel, records)]);
  return messageViews(deps, channel, channel.box, records, { ...sight, rankOf });
}

/** What the authors of a supergroup's messages are called now (docs: core.telegram.org/api/rank). Where nobody is called anything, nothing is asked for. */
async function ranksOf({ keyring }: Pick<Deps, 'keyring'>, channel: ChannelReader, records: readonly MessageRecord[]): Promise<(user: number) => string | undefined> {
  const { box, record } = channel;
  const ranks = new Map<number, Uint8Array>();
  for (const { user, rankSealed } of record.broadcast ? [] : record.admins) ranks.set(Number(user), rankSealed);
  if (record.rankedCount > 0) {
    const authors = [...new Set(records.map(({ from }) => Number(from)))].filter((user) => user > 0 && !ranks.has(user));
    for (const { user, rankSealed } of authors.length > 0 ? await channel.members(authors) : []) ranks.set(Number(user), rankSealed);
  }
  const opened = new Map<number, string>();
  for (const [user, sealed] of ranks) if (sealed.length > 0) opened.set(user, await openRank(keyring, box, sealed));
  return (user) => opened.get(user);
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
