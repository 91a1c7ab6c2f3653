import { channelBox, isChannelBox } from '@heliograph/box/box-id';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { MessageViews } from '@heliograph/tl/api';
import type { PostCounts } from '../../channel-counts';
import type { Deps } from '../../deps';
import { REQUEST_IDS_MAX } from '../../limits';
import { openMessages, type ChatMessages } from '../../messages/chat-messages';
import { openAll } from '../../messages/views';

interface Post {
  readonly box: number;
  readonly id: number;
}

/**
 * How many have seen posts of broadcasts, each person once, and how often they were forwarded; with `increment` the caller has seen them now. A forwarded copy, in
 * whichever chat, stands for its original. Other messages have no counts (docs: core.telegram.org/method/messages.getMessagesViews).
 */
export const getMessagesViews: Method<Deps, 'messages.getMessagesViews'> = async (deps, caller, request) => {
  if (request.id.length > REQUEST_IDS_MAX) throw badRequest('LIMIT_INVALID');
  const chat = await openMessages(deps, caller, request.peer);
  const posts = await originalsOf(deps, chat, request.id);
  const byChannel = new Map<number, number[]>();
  for (const { box, id } of posts.values()) byChannel.set(box, [...(byChannel.get(box) ?? []), id]);
  const counts = new Map<number, Map<number, PostCounts>>();
  await Promise.all([...byChannel].map(async ([box, ids]) => counts.set(box, await deps.postCounts.count(box, ids, { viewer: request.increment ? caller.userId : 0 }))));
  const views = request.id.map((id): MessageViews => {
    const post = posts.get(id);
    const counted = post && counts.get(post.box)?.get(post.id);
    return { _: 'messageViews', views: counted?.views, forwards: counted?.forwards };
  });
  return { _: 'messages.messageViews', views, chats: [], users: [] };
};

/** The posts that messages are, or are copies of; by the messages' ids. */
async function originalsOf(deps: Deps, chat: ChatMessages, ids: readonly number[]): Promise<Map<number, Post>> {
  const posts = new Map<number, Post>();
  const found = (await chat.reader.messages([...new Set(ids)].filter((id) => id > 0))).filter((record) => record !== undefined && Number(record.peer) === chat.peer);
  for (const { record, content } of await openAll(deps, chat.box, found.filter((record) => record !== undefined))) {
    if (content.action) continue;
    const { from_id, channel_post } = content.fwd_from ?? {};
    if (from_id?._ === 'peerChannel' && channel_post !== undefined) posts.set(record.id, { box: channelBox(from_id.channel_id), id: channel_post });
    else if (isChannelBox(chat.box) && record.from === 0n) posts.set(record.id, { box: chat.box, id: record.id });
  }
  return posts;
}
