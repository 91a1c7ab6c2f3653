import { channelBox } from '@heliograph/box/box-id';
import type { Api, Message, TypeUpdate } from '@heliograph/tl/api';
import { readObject } from '@heliograph/tl/reader';
import { eventually } from '@heliograph/testing/eventually';
import { randomBytes } from 'node:crypto';
import { ALICE, BOB, CAROL, messagesOf, openChat, texts, updatesOf, type Chat } from '../../testing/chat';

type Send = Partial<Api['messages.sendMessage']['request']>;
const PAGE = { offset_id: 0, offset_date: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n };
const SEARCH = { q: '', filter: { _: 'inputMessagesFilterEmpty' as const }, min_date: 0, max_date: 0, offset_id: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n };

describe('messages in channels', () => {
  let chat: Chat;
  let group: number;
  beforeAll(async () => {
    chat = await openChat();
  });
  afterAll(() => chat.close());
  beforeEach(async () => {
    group = await chat.channel(ALICE, [BOB], 'the two');
  });

  const peer = (viewer: number, id = group) => chat.channelPeer(viewer, id);
  const channel = (viewer: number, id = group) => chat.inputChannel(viewer, id);
  const posted = (answer: Api['messages.sendMessage']['result']): Message => {
    const update = updatesOf(answer).find((each) => each._ === 'updateNewChannelMessage');
    if (!update || update.message._ !== 'message') throw new Error('a post was answered without its message');
    return update.message;
  };
  const post = async (from: number, message: string, more: Send = {}, id = group): Promise<Message> => {
    return posted(await chat.call(from, { _: 'messages.sendMessage', peer: peer(from, id), message, random_id: randomBytes(8).readBigInt64LE(), ...more }));
  };
  const history = async (of: number, id = group) => {
    const page = await chat.call(of, { _: 'messages.getHistory', peer: peer(of, id), ...PAGE });
    if (page._ !== 'messages.channelMessages') throw new Error(page._);
    return page;
  };
  const difference = (of: number, pts: number, limit = 100) => chat.call(of, { _: 'updates.getChannelDifference', channel: channel(of), filter: { _: 'channelMessagesFilterEmpty' }, pts, limit });
  const dialogs = async (of: number, more: Partial<Api['messages.getDialogs']['request']> = {}) => {
    const answer = await chat.call(of, { _: 'messages.getDialogs', offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 100, hash: 0n, ...more });
    if (answer._ === 'messages.dialogsNotModified') throw new Error('not modified');
    return { ...answer, dialogs: answer.dialogs.filter((dialog) => dialog._ !== 'dialogCommunity') };
  };
  const dialogOf = async (of: number, id = group) => {
    const { dialogs: [dialog] } = await chat.call(of, { _: 'messages.getPeerDialogs', peers: [{ _: 'inputDialogPeer', peer: peer(of, id) }] });
    if (dialog?._ !== 'dialog') throw new Error('no dialog');
    return dialog;
  };
  const reply = (id: number) => ({ _: 'inputReplyToMessage' as const, reply_to_msg_id: id });

  it('are sent, repeated by their random_id, and read by the members as theirs or another’s', async () => {
    const own = await post(ALICE, 'hi', { random_id: 7n });
    expect(own).toMatchObject({ out: true, from_id: { user_id: ALICE }, peer_id: { _: 'peerChannel', channel_id: group } });
    expect((await post(ALICE, 'hi', { random_id: 7n })).id).toBe(own.id);
    const page = await history(BOB);
    expect(texts(page.messages)[0]).toBe('hi');
    expect(page.messages[0]).toMatchObject({ id: own.id, from_id: { user_id: ALICE } });
    expect((page.messages[0] as Message).out).toBeUndefined();
    expect(page.count).toBe(page.messages.length);
    await expect(post(CAROL, 'let me in')).rejects.toThrow('CHANNEL_PRIVATE');
    await expect(history(CAROL)).rejects.toThrow('CHANNEL_PRIVATE');
  });

  it('of a broadcast are its own, and signed where it says so', async () => {
    const news = await chat.channel(ALICE, [BOB], 'news', true);
    const first = await post(ALICE, 'one', {}, news);
    expect(first).toMatchObject({ post: true, out: true, views: 1, peer_id: { channel_id: news } });
    expect(first.from_id).toBeUndefined();
    await expect(post(BOB, 'me too', {}, news)).rejects.toThrow(/CHAT_ADMIN_REQUIRED|CHAT_WRITE_FORBIDDEN/);
    await chat.call(ALICE, { _: 'channels.toggleSignatures', channel: channel(ALICE, news), signatures_enabled: true });
    expect((await post(ALICE, 'two', {}, news)).post_author).toBe(`user ${ALICE}`);
  });

  it('are edited by their author, and deleted', async () => {
    const { id } = await post(BOB, 'helo');
    const edit = (by: number, message: string) => chat.call(by, { _: 'messages.editMessage', peer: peer(by), id, message });
    expect(updatesOf(await edit(BOB, 'hello'))).toMatchObject([{ _: 'updateEditChannelMessage', message: { id, message: 'hello', out: true } }]);
    await expect(edit(BOB, 'hello')).rejects.toThrow('MESSAGE_NOT_MODIFIED');
    await expect(edit(ALICE, 'no')).rejects.toThrow('MESSAGE_AUTHOR_REQUIRED');
    await chat.call(BOB, { _: 'messages.getMessageEditData', peer: peer(BOB), id });
    const { id: ofAlice } = await post(ALICE, 'mine');
    await expect(chat.call(BOB, { _: 'channels.deleteMessages', channel: channel(BOB), id: [ofAlice] })).rejects.toThrow('MESSAGE_DELETE_FORBIDDEN');
    expect(await chat.call(ALICE, { _: 'channels.deleteMessages', channel: channel(ALICE), id: [id] })).toMatchObject({ pts_count: 1 });
    expect(texts((await history(BOB)).messages).slice(0, 1)).toEqual(['mine']);
    expect(await chat.call(BOB, { _: 'channels.getMessages', channel: channel(BOB), id: [{ _: 'inputMessageID', id }, { _: 'inputMessageID', id: ofAlice }] })).toMatchObject({
      messages: [{ _: 'messageEmpty', id }, { message: 'mine' }],
    });
  });

  it('answer one another in threads', async () => {
    const first = await post(ALICE, 'what now');
    const second = await post(BOB, 'lunch', { reply_to: reply(first.id) });
    const third = await post(ALICE, 'where', { reply_to: reply(second.id) });
    expect(second.reply_to).toMatchObject({ reply_to_msg_id: first.id });
    expect(third.reply_to).toMatchObject({ reply_to_msg_id: second.id, reply_to_top_id: first.id });
    const quoting = await post(BOB, 'this', { reply_to: { ...reply(first.id), quote_text: 'now' } });
    expect(quoting.reply_to).toMatchObject({ quote: true, quote_text: 'now' });
    await expect(post(BOB, 'gone', { reply_to: reply(9999) })).rejects.toThrow('REPLY_MESSAGE_ID_INVALID');
  });

  it('are listed by thread', async () => {
    const first = await post(ALICE, 'what now');
    const second = await post(BOB, 'lunch', { reply_to: reply(first.id) });
    await post(BOB, 'elsewhere');
    await post(ALICE, 'where', { reply_to: reply(second.id) });
    const named = { peer: peer(ALICE), msg_id: first.id };
    const replies = await chat.call(ALICE, { _: 'messages.getReplies', ...named, ...PAGE });
    expect(replies).toMatchObject({ _: 'messages.channelMessages', count: 2 });
    expect(texts(messagesOf(replies))).toEqual(['where', 'lunch']);
    expect(texts(messagesOf(await chat.call(ALICE, { _: 'messages.search', peer: peer(ALICE), ...SEARCH, q: 'lunch', top_msg_id: first.id })))).toEqual(['lunch']);
    expect(texts(messagesOf(await chat.call(ALICE, { _: 'messages.search', peer: peer(ALICE), ...SEARCH, q: 'elsewhere', top_msg_id: first.id })))).toEqual([]);
    expect(await chat.call(ALICE, { _: 'messages.getDiscussionMessage', ...named })).toMatchObject({ messages: [{ id: first.id, replies: { replies: 2 } }], unread_count: 1 });
    expect(await chat.call(ALICE, { _: 'messages.readDiscussion', ...named, read_max_id: second.id })).toBe(true);
    await expect(chat.call(ALICE, { _: 'messages.getReplies', ...named, msg_id: 9999, ...PAGE })).rejects.toThrow('MSG_ID_INVALID');
  });

  it('wait for their time', async () => {
    const date = Math.floor(Date.now() / 1000) + 3600;
    const kept = updatesOf(await chat.call(BOB, { _: 'messages.sendMessage', peer: peer(BOB), message: 'later', random_id: 5n, schedule_date: date }));
    expect(kept).toMatchObject([{ _: 'updateMessageID' }, { _: 'updateNewScheduledMessage', message: { message: 'later', date, peer_id: { channel_id: group } } }]);
    expect(texts(messagesOf(await chat.call(BOB, { _: 'messages.getScheduledHistory', peer: peer(BOB), hash: 0n })))).toEqual(['later']);
    await chat.call(BOB, { _: 'messages.sendScheduledMessages', peer: peer(BOB), id: [1] });
    await eventually(async () => texts((await history(ALICE)).messages)[0] === 'later');
    expect((await history(BOB)).messages[0]).toMatchObject({ from_scheduled: true, out: true });
    const first = await post(ALICE, 'what now');
    const later = { peer: peer(BOB), schedule_date: date, message: 'an answer' };
    const [, told] = updatesOf(await chat.call(BOB, { _: 'messages.sendMessage', ...later, random_id: 6n, reply_to: reply(first.id) }));
    if (told?._ !== 'updateNewScheduledMessage') throw new Error('nothing waits');
    await chat.call(BOB, { _: 'messages.editMessage', ...later, id: told.message.id, message: 'the answer' });
    await chat.call(BOB, { _: 'messages.sendScheduledMessages', peer: peer(BOB), id: [told.message.id] });
    await eventually(async () => texts((await history(ALICE)).messages)[0] === 'the answer');
    expect(texts(messagesOf(await chat.call(ALICE, { _: 'messages.getReplies', peer: peer(ALICE), msg_id: first.id, ...PAGE })))).toEqual(['the answer']);
    await expect(post(CAROL, 'x', { schedule_date: date })).rejects.toThrow('CHANNEL_PRIVATE');
  });

  it('are found by words, author, and among the pinned ones', async () => {
    const { id } = await post(ALICE, 'the red fox');
    await post(BOB, 'the blue fox');
    const search = async (of: number, more: Partial<Api['messages.search']['request']>) => texts(messagesOf(await chat.call(of, { _: 'messages.search', peer: peer(of), ...SEARCH, ...more })));
    expect(await search(BOB, { q: 'fox' })).toEqual(['the blue fox', 'the red fox']);
    expect(await search(BOB, { q: 'fox', from_id: chat.peer(BOB, ALICE) })).toEqual(['the red fox']);
    const pinned = updatesOf(await chat.call(ALICE, { _: 'messages.updatePinnedMessage', peer: peer(ALICE), id }));
    expect(pinned).toMatchObject([{ _: 'updatePinnedChannelMessages', pinned: true, messages: [id] }, { message: { _: 'messageService', action: { _: 'messageActionPinMessage' }, reply_to: { reply_to_msg_id: id } } }]);
    expect(await search(BOB, { filter: { _: 'inputMessagesFilterPinned' } })).toEqual(['the red fox']);
    expect(await chat.call(BOB, { _: 'messages.getSearchCounters', peer: peer(BOB), filters: [{ _: 'inputMessagesFilterPinned' }] })).toMatchObject([{ count: 1 }]);
    expect(await chat.call(ALICE, { _: 'messages.unpinAllMessages', peer: peer(ALICE) })).toMatchObject({ pts_count: 1 });
    expect(await search(BOB, { filter: { _: 'inputMessagesFilterPinned' } })).toEqual([]);
  });

  it('are found among those of all chats, page by page', async () => {
    await post(ALICE, 'a zebra here');
    await chat.say(ALICE, BOB, 'a zebra there');
    await post(BOB, 'no zebra');
    const everywhere = async (more: Partial<Api['messages.searchGlobal']['request']> = {}) => {
      const answer = await chat.call(BOB, { _: 'messages.searchGlobal', q: 'zebra', filter: SEARCH.filter, min_date: 0, max_date: 0, offset_rate: 0, offset_peer: { _: 'inputPeerEmpty' }, offset_id: 0, limit: 100, ...more });
      if (answer._ !== 'messages.messages' && answer._ !== 'messages.messagesSlice') throw new Error(answer._);
      return answer;
    };
    await eventually(async () => (await everywhere()).messages.length === 3);
    const whole = texts((await everywhere()).messages);
    expect(new Set(whole)).toEqual(new Set(['no zebra', 'a zebra there', 'a zebra here']));
    expect(texts((await everywhere({ users_only: true })).messages)).toEqual(['a zebra there']);
    expect(texts((await everywhere({ groups_only: true })).messages)).toEqual(['no zebra', 'a zebra here']);
    expect((await everywhere({ broadcasts_only: true })).messages).toEqual([]);
    const paged: string[] = [];
    for (let offset = {}; paged.length < 4;) {
      const page = await everywhere({ limit: 1, ...offset });
      const [last] = page.messages;
      if (last?._ !== 'message') break;
      paged.push(last.message);
      if (page._ !== 'messages.messagesSlice' || page.next_rate === undefined) break;
      offset = { offset_rate: page.next_rate, offset_id: last.id, offset_peer: last.peer_id._ === 'peerChannel' ? peer(BOB) : chat.peer(BOB, ALICE) };
    }
    expect(paged).toEqual(whole);
  });

  it('are forwarded with the name they bear', async () => {
    const news = await chat.channel(ALICE, [BOB], 'news', true);
    const { id } = await post(ALICE, 'extra', {}, news);
    const forward = async (to: Api['messages.forwardMessages']['request']['to_peer']) => updatesOf(await chat.call(BOB, { _: 'messages.forwardMessages', from_peer: peer(BOB, news), id: [id], random_id: [randomBytes(8).readBigInt64LE()], to_peer: to }));
    const header = { from_id: { _: 'peerChannel', channel_id: news }, channel_post: id };
    expect(await forward(peer(BOB))).toMatchObject([{ _: 'updateMessageID' }, { _: 'updateNewChannelMessage', message: { message: 'extra', from_id: { user_id: BOB }, fwd_from: header } }]);
    expect(await forward({ _: 'inputPeerSelf' })).toMatchObject([{ _: 'updateMessageID' }, { _: 'updateNewMessage', message: { fwd_from: { ...header, saved_from_peer: { channel_id: news }, saved_from_msg_id: id } } }]);
    await chat.call(ALICE, { _: 'messages.toggleNoForwards', peer: peer(ALICE, news), enabled: true });
    await expect(forward(peer(BOB))).rejects.toThrow('CHAT_FORWARDS_RESTRICTED');
  });

  it('of a broadcast tell how many have seen and forwarded them', async () => {
    const news = await chat.channel(ALICE, [BOB], 'news', true);
    const { id } = await post(ALICE, 'extra', {}, news);
    const views = async (of: number, increment = true, named: { peer: Api['messages.getMessagesViews']['request']['peer']; id: number[] } = { peer: peer(of, news), id: [id] }) => {
      return (await chat.call(of, { _: 'messages.getMessagesViews', ...named, increment })).views[0];
    };
    expect(await views(ALICE)).toMatchObject({ views: 1, forwards: 0 });
    expect(await views(ALICE)).toMatchObject({ views: 1 });
    expect(await views(BOB)).toMatchObject({ views: 2 });
    expect((await history(BOB, news)).messages[0]).toMatchObject({ views: 2, forwards: 0 });
    const copies = updatesOf(await chat.call(BOB, { _: 'messages.forwardMessages', from_peer: peer(BOB, news), id: [id], random_id: [3n], to_peer: chat.peer(BOB, CAROL) }));
    expect(copies).toMatchObject([{ _: 'updateMessageID' }, { _: 'updateNewMessage' }]);
    await eventually(async () => (await chat.history(CAROL, BOB)).length === 1);
    const [copy] = await chat.history(CAROL, BOB);
    expect(await views(CAROL, true, { peer: chat.peer(CAROL, BOB), id: [copy?.id ?? 0] })).toMatchObject({ views: 3, forwards: 1 });
    expect(await views(ALICE, false)).toMatchObject({ views: 3, forwards: 1 });
  });

  it('that name somebody are new to them until they are seen', async () => {
    const { id } = await post(ALICE, 'hey @bobby');
    const mentions = async () => texts(messagesOf(await chat.call(BOB, { _: 'messages.getUnreadMentions', peer: peer(BOB), offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0 })));
    await eventually(async () => (await mentions())[0] === 'hey @bobby');
    expect((await history(BOB)).messages[0]).toMatchObject({ id, mentioned: true, media_unread: true });
    expect(await dialogOf(BOB)).toMatchObject({ unread_mentions_count: 1 });
    await chat.call(BOB, { _: 'channels.readMessageContents', channel: channel(BOB), id: [id] });
    expect(await mentions()).toEqual([]);
    expect(((await history(BOB)).messages[0] as Message).media_unread).toBeUndefined();
    const again = await post(BOB, 'me');
    await post(ALICE, 'you', { reply_to: reply(again.id) });
    await eventually(async () => (await mentions())[0] === 'you');
    await chat.call(BOB, { _: 'messages.readMentions', peer: peer(BOB) });
    expect(await mentions()).toEqual([]);
  });

  it('are read, which authors are told', async () => {
    const { unread_count: before } = await dialogOf(BOB);
    const { id } = await post(ALICE, 'one');
    await post(ALICE, 'two');
    expect(await dialogOf(BOB)).toMatchObject({ unread_count: before + 2 });
    expect(await dialogOf(ALICE)).toMatchObject({ unread_count: 0, read_outbox_max_id: 0 });
    await chat.call(BOB, { _: 'channels.readHistory', channel: channel(BOB), max_id: id });
    expect(await dialogOf(BOB)).toMatchObject({ unread_count: 1, read_inbox_max_id: id });
    expect(await dialogOf(ALICE)).toMatchObject({ read_outbox_max_id: id });
    expect(await chat.call(ALICE, { _: 'messages.getMessageReadParticipants', peer: peer(ALICE), msg_id: id })).toMatchObject([{ user_id: BOB }]);
    await expect(chat.call(BOB, { _: 'messages.readHistory', peer: peer(BOB), max_id: id })).rejects.toThrow('PEER_ID_INVALID');
  });

  it('stand in the list of chats by date, pinned, archived, marked', async () => {
    await chat.call(BOB, { _: 'channels.readHistory', channel: channel(BOB), max_id: 0 });
    const { id } = await post(ALICE, 'news');
    await chat.say(BOB, CAROL, 'later');
    const shown = async (more = {}) => (await dialogs(BOB, more)).dialogs.map(({ peer: of }) => ('channel_id' in of ? of.channel_id : 'user_id' in of ? of.user_id : of.chat_id));
    const all = await dialogs(BOB);
    expect(all.messages).toContainEqual(expect.objectContaining({ id, message: 'news' }));
    expect(all.dialogs.find(({ peer: of }) => 'channel_id' in of && of.channel_id === group)).toMatchObject({ top_message: id, unread_count: 1, pts: (await history(BOB)).pts });
    const list = await shown();
    expect(new Set(list).size).toBe(list.length);
    const paged: (number | string)[] = [];
    for (let offset = {}; paged.length < list.length;) {
      const page = await dialogs(BOB, { limit: 1, ...offset });
      const [last] = page.dialogs;
      const [top] = page.messages;
      if (!last || !top || top._ === 'messageEmpty') break;
      paged.push('channel_id' in last.peer ? last.peer.channel_id : 'user_id' in last.peer ? last.peer.user_id : last.peer.chat_id);
      offset = { offset_date: top.date, offset_id: top.id, offset_peer: 'channel_id' in last.peer ? peer(BOB, last.peer.channel_id) : chat.peer(BOB, paged.at(-1) as number) };
    }
    expect(paged).toEqual(list);
    const dialogPeer = { _: 'inputDialogPeer' as const, peer: peer(BOB) };
    await chat.call(BOB, { _: 'messages.toggleDialogPin', pinned: true, peer: dialogPeer });
    expect((await shown())[0]).toBe(group);
    expect((await chat.call(BOB, { _: 'messages.getPinnedDialogs', folder_id: 0 })).dialogs).toMatchObject([{ pinned: true, peer: { channel_id: group }, top_message: id }]);
    await chat.call(BOB, { _: 'messages.toggleDialogPin', peer: dialogPeer });
    await chat.call(BOB, { _: 'messages.markDialogUnread', unread: true, peer: dialogPeer });
    expect(await dialogOf(BOB)).toMatchObject({ unread_mark: true });
    await chat.call(BOB, { _: 'messages.saveDraft', peer: peer(BOB), message: 'half' });
    expect(await dialogOf(BOB)).toMatchObject({ draft: { message: 'half' } });
    await post(BOB, 'half', { clear_draft: true });
    expect((await dialogOf(BOB)).draft).toBeUndefined();
    await chat.call(BOB, { _: 'folders.editPeerFolders', folder_peers: [{ _: 'inputFolderPeer', peer: peer(BOB), folder_id: 1 }] });
    expect(await shown({ folder_id: 1 })).toEqual([group]);
    expect((await chat.call(BOB, { _: 'messages.getPinnedDialogs', folder_id: 0 })).dialogs[0]).toMatchObject({ _: 'dialogFolder', peer: { channel_id: group } });
  });

  it('are brought by the difference, each once and as it is now', async () => {
    const { pts } = await history(BOB);
    const one = await post(ALICE, 'one');
    const two = await post(ALICE, 'two');
    await chat.call(ALICE, { _: 'channels.deleteMessages', channel: channel(ALICE), id: [one.id] });
    await chat.call(ALICE, { _: 'messages.editMessage', peer: peer(ALICE), id: two.id, message: 'two!' });
    const brought = await difference(BOB, pts);
    expect(brought).toMatchObject({ _: 'updates.channelDifference', final: true, new_messages: [{ message: 'two!' }], other_updates: [{ _: 'updateDeleteChannelMessages', messages: [one.id] }, { _: 'updateEditChannelMessage' }] });
    expect(await difference(BOB, (await history(BOB)).pts)).toMatchObject({ _: 'updates.channelDifferenceEmpty', final: true });
    const slice = await difference(BOB, pts, 1);
    expect(slice).toMatchObject({ _: 'updates.channelDifference' });
    expect(slice.final).toBeUndefined();
    expect(await difference(BOB, 1_000_000)).toMatchObject({ _: 'updates.channelDifferenceTooLong', dialog: { peer: { channel_id: group } } });
    await expect(difference(BOB, 0)).rejects.toThrow('PERSISTENT_TIMESTAMP_EMPTY');
    await expect(difference(CAROL, pts)).rejects.toThrow('CHANNEL_PRIVATE');
  });

  it('are named by the difference of the member’s own box', async () => {
    const state = await chat.call(BOB, { _: 'updates.getState' });
    await post(ALICE, 'while you slept');
    const { pts } = await history(BOB);
    const told = await chat.call(BOB, { _: 'updates.getDifference', pts: state.pts, date: state.date, qts: 0 });
    if (told._ !== 'updates.difference') throw new Error(told._);
    expect(told.other_updates).toContainEqual({ _: 'updateChannelTooLong', channel_id: group, pts });
    const nothing = await chat.call(CAROL, { _: 'updates.getDifference', pts: (await chat.call(CAROL, { _: 'updates.getState' })).pts, date: state.date, qts: 0 });
    expect(nothing._).toBe('updates.differenceEmpty');
  });

  it('of which the member was put out, or that ended, are named as what they are', async () => {
    const { pts, date } = await chat.call(BOB, { _: 'updates.getState' });
    const ended = await chat.channel(ALICE, [BOB], 'doomed');
    await chat.call(ALICE, { _: 'channels.editBanned', channel: channel(ALICE), participant: chat.peer(ALICE, BOB), banned_rights: { _: 'chatBannedRights', view_messages: true, until_date: 0 } });
    await chat.call(ALICE, { _: 'channels.deleteChannel', channel: channel(ALICE, ended) });
    const told = await eventually(async () => {
      const answer = await chat.call(BOB, { _: 'updates.getDifference', pts, date, qts: 0 });
      const updates = 'other_updates' in answer ? answer.other_updates.filter((update) => 'channel_id' in update && (update.channel_id === group || update.channel_id === ended)) : [];
      return updates.length === 2 && updates.every((update) => update._ === 'updateChannel') ? updates : undefined;
    });
    expect(told?.map((update) => 'channel_id' in update && update.channel_id)).toEqual([group, ended]);
  });

  it('that were read on another device are told as read by the difference, long after the channel changed last', async () => {
    const { id } = await post(ALICE, 'one');
    await post(ALICE, 'two');
    // Whoever has been away since this date knows both posts.
    const { pts } = await chat.call(BOB, { _: 'updates.getState' });
    const date = Math.floor(Date.now() / 1000) + 3_600;
    await chat.call(BOB, { _: 'channels.readHistory', channel: channel(BOB), max_id: id });
    const told = async (since: number) => {
      const answer = await chat.call(BOB, { _: 'updates.getDifference', pts, date: since, qts: 0 });
      return 'other_updates' in answer ? answer.other_updates.filter((update) => 'channel_id' in update && update.channel_id === group) : [];
    };
    expect(await told(Math.floor(Date.now() / 1000))).toContainEqual({ _: 'updateReadChannelInbox', channel_id: group, max_id: id, still_unread_count: 1, pts: (await history(BOB)).pts });
    expect(await told(date)).toEqual([]);
  });

  it('bring an archived chat back, unless it is muted', async () => {
    const archive = (folder_id = 1) => chat.call(BOB, { _: 'folders.editPeerFolders', folder_peers: [{ _: 'inputFolderPeer', peer: peer(BOB), folder_id }] });
    const mute = (mute_until: number) => chat.call(BOB, { _: 'account.updateNotifySettings', peer: { _: 'inputNotifyPeer', peer: peer(BOB) }, settings: { _: 'inputPeerNotifySettings', mute_until } });
    const folder = async () => (await dialogOf(BOB)).folder_id ?? 0;
    await post(ALICE, 'before');
    await archive();
    expect(await folder()).toBe(1);
    await post(BOB, 'own');
    expect(await folder()).toBe(1);
    const { pts, date } = await chat.call(BOB, { _: 'updates.getState' });
    await post(ALICE, 'news');
    await post(BOB, 'thanks');
    // Whichever asks first: the difference tells it, and the lists have it.
    const told = await chat.call(BOB, { _: 'updates.getDifference', pts, date, qts: 0 });
    expect('other_updates' in told && told.other_updates).toContainEqual({ _: 'updateFolderPeers', folder_peers: [{ _: 'folderPeer', peer: { _: 'peerChannel', channel_id: group }, folder_id: 0 }], pts: pts + 1, pts_count: 1 });
    expect((await dialogs(BOB, { folder_id: 0 })).dialogs.some(({ peer: of }) => 'channel_id' in of && of.channel_id === group)).toBe(true);
    await archive();
    expect(await folder()).toBe(1);
    await mute(0x7fffffff);
    await post(ALICE, 'unheard');
    expect(await folder()).toBe(1);
    // What came while it was muted is not news.
    await mute(0);
    expect(await folder()).toBe(1);
    await post(ALICE, 'heard');
    expect(await folder()).toBe(0);
    // Gateways are told when a mute ends by itself: of the next post they let the owner's box know.
    await archive();
    const box = BigInt(channelBox(group));
    /** Of this channel; other tests archive others. */
    const asleep = () => {
      const told = chat.pushes.map(({ what }) => (what.case === 'channelsAsleep' ? what.value : undefined)).findLast((each) => each !== undefined);
      return { now: told?.channels?.includes(box), from: told?.later?.find(({ channel }) => channel === box)?.from };
    };
    expect(asleep()).toEqual({ now: true, from: undefined });
    await mute(2_100_000_000);
    expect(asleep()).toEqual({ now: false, from: 2_100_000_000 });
    await mute(0x7fffffff);
    expect(asleep()).toEqual({ now: false, from: undefined });
  });

  it('are reacted to', async () => {
    const { id } = await post(ALICE, 'good');
    const react = (by: number, ...emoticons: string[]) => chat.call(by, { _: 'messages.sendReaction', peer: peer(by), msg_id: id, reaction: emoticons.map((emoticon) => ({ _: 'reactionEmoji' as const, emoticon })) });
    await react(BOB, '👍');
    await expect(react(BOB, '👍')).rejects.toThrow('MESSAGE_NOT_MODIFIED');
    expect((await history(BOB)).messages[0]).toMatchObject({ reactions: { results: [{ count: 1, chosen_order: 1 }] } });
    expect((await history(ALICE)).messages[0]).toMatchObject({ reactions: { results: [{ count: 1 }], recent_reactions: [{ peer_id: { user_id: BOB } }] } });
    expect(await chat.call(ALICE, { _: 'messages.getMessageReactionsList', peer: peer(ALICE), id, limit: 10 })).toMatchObject({ count: 1 });
    expect(updatesOf(await chat.call(ALICE, { _: 'messages.getMessagesReactions', peer: peer(ALICE), id: [id] }))).toMatchObject([{ _: 'updateMessageReactions', msg_id: id }]);
    await react(BOB);
    expect(((await history(ALICE)).messages[0] as Message).reactions).toBeUndefined();
  });

  describe('reactions to one\'s own', () => {
    const react = (by: number, id: number, ...emoticons: string[]) => chat.call(by, { _: 'messages.sendReaction', peer: peer(by), msg_id: id, reaction: emoticons.map((emoticon) => ({ _: 'reactionEmoji' as const, emoticon })) });
    const unseen = async (of: number, more: { top_msg_id?: number } = {}) => {
      const page = await chat.call(of, { _: 'messages.getUnreadReactions', peer: peer(of), offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0, ...more });
      return texts(messagesOf(page));
    };
    const count = async (of: number) => (await dialogOf(of)).unread_reactions_count;

    it('are counted until they are seen, and told as new to their author alone', async () => {
      const { id } = await post(ALICE, 'good');
      await react(BOB, id, '👍');
      await eventually(async () => (await count(ALICE)) === 1);
      expect(await unseen(ALICE)).toEqual(['good']);
      expect([await count(BOB), await unseen(BOB)]).toEqual([0, []]);
      const recent = async (of: number) => ((await history(of)).messages[0] as Message).reactions?.recent_reactions;
      expect(await recent(ALICE)).toMatchObject([{ peer_id: { user_id: BOB }, unread: true }]);
      expect((await recent(BOB))?.[0]?.unread).toBeUndefined();
      expect(await chat.call(ALICE, { _: 'messages.getMessageReactionsList', peer: peer(ALICE), id, limit: 10 })).toMatchObject({ reactions: [{ unread: true }] });
      // One's own is not new, and one that is taken back never was.
      await react(ALICE, id, '🔥');
      expect(await count(ALICE)).toBe(1);
      await react(BOB, id);
      await eventually(async () => (await count(ALICE)) === 0);
      await react(BOB, id, '👍');
      await eventually(async () => (await count(ALICE)) === 1);
      expect(await chat.call(ALICE, { _: 'messages.readReactions', peer: peer(ALICE) })).toMatchObject({ _: 'messages.affectedHistory', pts_count: 0 });
      expect([await count(ALICE), await unseen(ALICE)]).toEqual([0, []]);
      expect((await recent(ALICE))?.some(({ unread }) => unread)).toBe(false);
      await expect(chat.call(CAROL, { _: 'messages.readReactions', peer: peer(CAROL) })).rejects.toThrow('CHANNEL_PRIVATE');
    });

    it('are seen by message and by thread, and go with what is deleted', async () => {
      const first = await post(BOB, 'first');
      const answer = await post(ALICE, 'answer', { reply_to: reply(first.id) });
      const other = await post(ALICE, 'other');
      for (const { id } of [answer, other]) await react(BOB, id, '👍');
      await eventually(async () => (await count(ALICE)) === 2);
      expect(await unseen(ALICE, { top_msg_id: first.id })).toEqual(['answer']);
      await chat.call(ALICE, { _: 'messages.readReactions', peer: peer(ALICE), top_msg_id: first.id });
      expect(await unseen(ALICE)).toEqual(['other']);
      await chat.call(ALICE, { _: 'channels.readMessageContents', channel: channel(ALICE), id: [other.id] });
      expect(await count(ALICE)).toBe(0);
      const gone = await post(ALICE, 'gone');
      await react(BOB, gone.id, '👍');
      await eventually(async () => (await count(ALICE)) === 1);
      await chat.call(ALICE, { _: 'channels.deleteMessages', channel: channel(ALICE), id: [gone.id] });
      expect([await count(ALICE), await unseen(ALICE)]).toEqual([0, []]);
    });
  });

  it('are announced by typing, to all but oneself', async () => {
    chat.pushes.length = 0;
    await chat.call(BOB, { _: 'messages.setTyping', peer: peer(BOB), action: { _: 'sendMessageTypingAction' } });
    const [push] = chat.pushes;
    if (push?.what.case !== 'channel') throw new Error('nobody was told');
    const update = readObject(push.what.value.updates, 'Updates') as { update: TypeUpdate };
    expect(update).toMatchObject({ update: { _: 'updateChannelUserTyping', channel_id: group, from_id: { user_id: BOB } } });
    expect(push.what.value.variants).toMatchObject([{ userIds: [BigInt(BOB)], updates: new Uint8Array(0) }]);
    await expect(chat.call(CAROL, { _: 'messages.setTyping', peer: peer(CAROL), action: { _: 'sendMessageTypingAction' } })).rejects.toThrow('CHANNEL_PRIVATE');
  });

  it('are muted', async () => {
    const muted = { _: 'inputNotifyPeer' as const, peer: peer(BOB) };
    await chat.call(BOB, { _: 'account.updateNotifySettings', peer: muted, settings: { _: 'inputPeerNotifySettings', mute_until: 2_000_000_000 } });
    expect(await dialogOf(BOB)).toMatchObject({ notify_settings: { mute_until: 2_000_000_000 } });
  });
});
