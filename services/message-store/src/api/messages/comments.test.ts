import type { Api, Message } from '@heliograph/tl/api';
import { eventually } from '@heliograph/testing/eventually';
import { randomBytes } from 'node:crypto';
import { ALICE, BOB, CAROL, messagesOf, openChat, texts, updatesOf, type Chat } from '../../testing/chat';

const PAGE = { offset_id: 0, offset_date: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n };

describe('comments on posts of a broadcast', () => {
  let chat: Chat;
  let news: number;
  let talk: number;
  beforeAll(async () => {
    chat = await openChat();
  });
  afterAll(() => chat.close());
  // Bob is in both, Carol reads the broadcast alone.
  beforeEach(async () => {
    news = await chat.channel(ALICE, [BOB, CAROL], 'news', true);
    talk = await chat.channel(ALICE, [BOB], 'talk');
    await link(talk);
  });

  const link = (group: number | undefined) => chat.call(ALICE, {
    _: 'channels.setDiscussionGroup', broadcast: chat.inputChannel(ALICE, news), group: group === undefined ? { _: 'inputChannelEmpty' } : chat.inputChannel(ALICE, group),
  });
  const send = async (from: number, id: number, message: string, more: Partial<Api['messages.sendMessage']['request']> = {}): Promise<Message> => {
    const answer = await chat.call(from, { _: 'messages.sendMessage', peer: chat.channelPeer(from, id), message, random_id: randomBytes(8).readBigInt64LE(), ...more });
    const update = updatesOf(answer).find((each) => each._ === 'updateNewChannelMessage');
    if (update?.message._ !== 'message') throw new Error('a post was answered without its message');
    return update.message;
  };
  const history = async (of: number, id: number): Promise<Message[]> => {
    const answer = await chat.call(of, { _: 'messages.getHistory', peer: chat.channelPeer(of, id), ...PAGE });
    return messagesOf(answer).filter((message) => message._ === 'message');
  };
  const postIn = async (of: number, id: number): Promise<Message> => (await history(of, news)).find((message) => message.id === id) as Message;
  const copyOf = async (post: number): Promise<Message> => eventually(async () => {
    const copy = (await history(BOB, talk)).find(({ fwd_from }) => fwd_from?.saved_from_msg_id === post);
    if (!copy) throw new Error('the copy has not come');
    return copy;
  });
  const holds = (check: () => Promise<void>) => eventually(async () => {
    await check();
    return true;
  });
  const discussion = (of: number, post: number) => chat.call(of, { _: 'messages.getDiscussionMessage', peer: chat.channelPeer(of, news), msg_id: post });
  const comment = (by: number, copy: number, message: string) => send(by, talk, message, { reply_to: { _: 'inputReplyToMessage', reply_to_msg_id: copy } });
  const remove = (by: number, id: number, message: number) => chat.call(by, { _: 'channels.deleteMessages', channel: chat.inputChannel(by, id), id: [message] });

  it('begin with a copy in the group, from the channel and pinned, and a post that says nobody has commented', async () => {
    const post = await send(ALICE, news, 'dawn');
    expect(post.replies).toMatchObject({ comments: true, replies: 0, channel_id: talk });
    const copy = await copyOf(post.id);
    const from = { _: 'peerChannel', channel_id: news };
    expect(copy).toMatchObject({ message: 'dawn', from_id: from, pinned: true, fwd_from: { from_id: from, channel_post: post.id, saved_from_peer: from, saved_from_msg_id: post.id, date: post.date }, replies: { replies: 0 } });
    expect(copy.post).toBeUndefined();
    expect((await history(ALICE, talk))[0]?.out).toBeUndefined();
    // A second one comes after it; what the channel says of itself does not.
    await chat.call(ALICE, { _: 'channels.editTitle', channel: chat.inputChannel(ALICE, news), title: 'old news' });
    await copyOf((await send(ALICE, news, 'dusk')).id);
    expect(texts((await history(BOB, talk)).slice(0, 2))).toEqual(['dusk', 'dawn']);
  });

  it('follow what becomes of the post, and end with the copy', async () => {
    const post = await send(ALICE, news, 'dwan');
    const copy = await copyOf(post.id);
    await chat.call(ALICE, { _: 'messages.editMessage', peer: chat.channelPeer(ALICE, news), id: post.id, message: 'dawn' });
    await holds(async () => expect(await copyOf(post.id)).toMatchObject({ id: copy.id, message: 'dawn', edit_date: expect.any(Number) as number }));
    await remove(ALICE, news, post.id);
    await holds(async () => expect((await history(BOB, talk)).some(({ id }) => id === copy.id)).toBe(false));
    const other = await send(ALICE, news, 'dusk');
    await remove(ALICE, talk, (await copyOf(other.id)).id);
    await holds(async () => expect((await postIn(CAROL, other.id)).replies).toBeUndefined());
    await expect(discussion(CAROL, other.id)).rejects.toThrow('MSG_ID_INVALID');
  });

  it('are written in the group by all who see the post, and counted on it', async () => {
    const post = await send(ALICE, news, 'dawn');
    const copy = await copyOf(post.id);
    expect(await discussion(CAROL, post.id)).toMatchObject({ messages: [{ id: copy.id, peer_id: { channel_id: talk } }], unread_count: 0 });
    const own = await comment(CAROL, copy.id, 'how early');
    const answer = await comment(BOB, own.id, 'too early');
    await send(BOB, talk, 'of something else');
    await holds(async () => {
      const { replies } = await postIn(ALICE, post.id);
      expect(replies).toMatchObject({ comments: true, replies: 2, channel_id: talk, max_id: answer.id, recent_repliers: [{ user_id: BOB }, { user_id: CAROL }] });
    });
    const { views: [views] } = await chat.call(CAROL, { _: 'messages.getMessagesViews', peer: chat.channelPeer(CAROL, news), id: [post.id], increment: false });
    expect(views?.replies).toMatchObject({ comments: true, replies: 2 });
    expect((await history(BOB, talk)).find(({ id }) => id === copy.id)?.replies).toMatchObject({ replies: 2, max_id: answer.id });
    const thread = messagesOf(await chat.call(CAROL, { _: 'messages.getReplies', peer: chat.channelPeer(CAROL, news), msg_id: post.id, ...PAGE }));
    expect(texts(thread)).toEqual(['too early', 'how early']);
    await remove(CAROL, talk, own.id);
    await holds(async () => expect((await postIn(ALICE, post.id)).replies).toMatchObject({ replies: 1 }));
  });

  it('are read by themselves, and told to other sessions', async () => {
    const post = await send(ALICE, news, 'dawn');
    const copy = await copyOf(post.id);
    await chat.call(ALICE, { _: 'channels.readHistory', channel: chat.inputChannel(ALICE, talk), max_id: 0 });
    const first = await comment(BOB, copy.id, 'one');
    const second = await comment(BOB, copy.id, 'two');
    expect(await discussion(ALICE, post.id)).toMatchObject({ max_id: second.id, unread_count: 2 });
    await chat.call(ALICE, { _: 'messages.readDiscussion', peer: chat.channelPeer(ALICE, talk), msg_id: copy.id, read_max_id: first.id });
    expect(await discussion(ALICE, post.id)).toMatchObject({ read_inbox_max_id: first.id, unread_count: 1 });
    await holds(async () => expect((await postIn(ALICE, post.id)).replies).toMatchObject({ read_max_id: first.id }));
    // A guest has marks as well; what was read before stays so.
    await chat.call(CAROL, { _: 'messages.readDiscussion', peer: chat.channelPeer(CAROL, news), msg_id: post.id, read_max_id: second.id });
    await chat.call(CAROL, { _: 'messages.readDiscussion', peer: chat.channelPeer(CAROL, talk), msg_id: copy.id, read_max_id: first.id });
    expect(await discussion(CAROL, post.id)).toMatchObject({ read_inbox_max_id: second.id, unread_count: 0 });
    await chat.call(ALICE, { _: 'channels.readHistory', channel: chat.inputChannel(ALICE, talk), max_id: 0 });
    expect(await discussion(ALICE, post.id)).toMatchObject({ unread_count: 0 });
    expect(await discussion(BOB, post.id)).toMatchObject({ read_outbox_max_id: expect.any(Number) as number });
  });

  it('are found in the group, and polls of posts are polls of their own there', async () => {
    const post = await send(ALICE, news, 'harbour lights');
    const copy = await copyOf(post.id);
    const found = await chat.call(BOB, { _: 'messages.search', peer: chat.channelPeer(BOB, talk), q: 'harbour', filter: { _: 'inputMessagesFilterEmpty' }, min_date: 0, max_date: 0, ...PAGE });
    expect(messagesOf(found).map(({ id }) => id)).toEqual([copy.id]);
    const text = (words: string) => ({ _: 'textWithEntities' as const, text: words, entities: [] });
    const poll = { _: 'poll' as const, id: 0n, hash: 0n, question: text('tea?'), answers: ['yes', 'no'].map((words, index) => ({ _: 'pollAnswer' as const, text: text(words), option: Uint8Array.of(index) })) };
    const asked = updatesOf(await chat.call(ALICE, { _: 'messages.sendMedia', peer: chat.channelPeer(ALICE, news), media: { _: 'inputMediaPoll', poll }, message: '', random_id: 9n })).find((each) => each._ === 'updateNewChannelMessage')?.message as Message;
    const copied = await copyOf(asked.id);
    const idOf = ({ media }: Message): bigint | undefined => (media?._ === 'messageMediaPoll' ? media.poll.id : undefined);
    expect(idOf(copied)).not.toBe(idOf(asked));
    await chat.call(BOB, { _: 'messages.sendVote', peer: chat.channelPeer(BOB, talk), msg_id: copied.id, options: [Uint8Array.of(0)] });
    await chat.call(ALICE, { _: 'messages.editMessage', peer: chat.channelPeer(ALICE, news), id: asked.id, media: { _: 'inputMediaPoll', poll: { ...poll, closed: true } } });
    await holds(async () => expect((await copyOf(asked.id)).media).toMatchObject({ poll: { closed: true }, results: { total_voters: 1 } }));
  });

  it('belong to the group that the channel had when it posted, and to nobody who may see neither', async () => {
    const post = await send(ALICE, news, 'dawn');
    const copy = await copyOf(post.id);
    await link(undefined);
    expect((await send(ALICE, news, 'alone')).replies).toBeUndefined();
    expect((await postIn(CAROL, post.id)).replies).toBeUndefined();
    await expect(history(CAROL, talk)).rejects.toThrow('CHANNEL_PRIVATE');
    await expect(comment(CAROL, copy.id, 'hello?')).rejects.toThrow('CHANNEL_PRIVATE');
    const other = await chat.channel(ALICE, [BOB], 'other talk');
    await link(other);
    const second = await send(ALICE, news, 'dusk');
    await holds(async () => expect(texts(await history(CAROL, other))).toEqual(['dusk']));
    expect(texts(await history(BOB, talk))).toEqual(['dawn']);
    await chat.call(ALICE, { _: 'channels.editBanned', channel: chat.inputChannel(ALICE, other), participant: chat.peer(ALICE, CAROL), banned_rights: { _: 'chatBannedRights', view_messages: true, until_date: 0 } });
    await expect(history(CAROL, other)).rejects.toThrow('CHANNEL_PRIVATE');
    expect(second.replies).toMatchObject({ channel_id: other });
  });
});
