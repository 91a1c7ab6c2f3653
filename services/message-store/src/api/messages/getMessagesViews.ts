import { channelBox, isChannelBox } from '@heliograph/box/box-id';
import { renderReplies } from '@heliograph/box/render-message';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { MessageReplies, MessageViews } from '@heliograph/tl/api';
import type { PostCounts } from '../../channel-counts';
import type { Deps } from '../../deps';
import { REQUEST_IDS_MAX } from '../../limits';
import { channelSight } from '../../messages/channel-views';
import { openMessages, type ChatMessages } from '../../messages/chat-messages';
import { commentsOn } from '../../messages/comments';
import { openAll } from '../../messages/views';

interface Post {
  readonly box: number;
  readonly id: number;
}

/**
 * How many have seen posts of broadcasts, each person once, and how often they were forwarded; with `increment` the caller has seen them now. A forwarded copy, in
 * whichever chat, stands for its original; other messages have no such counts. Besides, how messages of a channel are answered or commented on
 * (docs: core.telegram.org/method/messages.getMessagesViews).
 */
export const getMessagesViews: Method<Deps, 'messages.getMessagesViews'> = async (deps, caller, request) => {
  if (request.id.length > REQUEST_IDS_MAX) throw badRequest('LIMIT_INVALID');
  const chat = await openMessages(deps, caller, request.peer);
  const found = await chat.reader.messages([...new Set(request.id)].filter((id) => id > 0));
  const records = found.filter((record) => record !== undefined).filter(({ peer }) => Number(peer) === chat.peer);
  const [posts, replies] = await Promise.all([originalsOf(deps, chat, records), repliesTo(deps, caller, chat, records)]);
  const byChannel = new Map<number, number[]>();
  for (const { box, id } of posts.values()) byChannel.set(box, [...(byChannel.get(box) ?? []), id]);
  const counts = new Map<number, Map<number, PostCounts>>();
  await Promise.all([...byChannel].map(async ([box, ids]) => counts.set(box, await deps.postCounts.count(box, ids, { viewer: request.increment ? caller.userId : 0 }))));
  const views = request.id.map((id): MessageViews => {
    const post = posts.get(id);
    const counted = post && counts.get(post.box)?.get(post.id);
    return { _: 'messageViews', views: counted?.views, forwards: counted?.forwards, replies: replies.get(id) };
  });
  return { _: 'messages.messageViews', views, chats: [], users: [] };
};

/** What is said of the answers to messages, by their ids. */
async function repliesTo(deps: Deps, caller: CallerContext, { channel }: ChatMessages, records: readonly MessageRecord[]): Promise<Map<number, MessageReplies>> {
  if (channel === undefined) return new Map();
  const [sight, comments] = await Promise.all([channelSight(deps, caller, channel.box), commentsOn(deps, caller, channel, records)]);
  return new Map(records.flatMap((record) => {
    const replies = record.content?.service ? undefined : renderReplies(record, { ...sight, commentsOn: comments });
    return replies ? [[record.id, replies]] : [];
  }));
}

/** The posts that messages are, or are copies of; by the messages' ids. */
async function originalsOf(deps: Deps, chat: ChatMessages, records: readonly MessageRecord[]): Promise<Map<number, Post>> {
  const posts = new Map<number, Post>();
  for (const { record, content } of await openAll(deps, chat.box, records)) {
    if (content.action) continue;
    const { from_id, channel_post } = content.fwd_from ?? {};
    if (from_id?._ === 'peerChannel' && channel_post !== undefined) posts.set(record.id, { box: channelBox(from_id.channel_id), id: channel_post });
    else if (isChannelBox(chat.box) && record.from === 0n) posts.set(record.id, { box: chat.box, id: record.id });
  }
  return posts;
}
