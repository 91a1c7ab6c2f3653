import type { Logger } from '@heliograph/service-kit/kit';
import { systemClock } from '@heliograph/service-kit/system-clock';
import { eventually } from '@heliograph/testing/eventually';
import type { Api, Message, MessagesMessagesSlice, TypeInputPeer } from '@heliograph/tl/api';
import { ALICE, BOB, CAROL, openChat, type Chat } from '../../testing/chat';

const NOBODY: TypeInputPeer = { _: 'inputPeerEmpty' };

describe('posts of public broadcasts', () => {
  let chat: Chat;
  /** Milliseconds that the clock is ahead: what waits to be written is old. */
  let ahead: number;
  let random = 0n;
  beforeEach(async () => {
    ahead = 0;
    const clock = systemClock(() => console as unknown as Logger);
    chat = await openChat({ clock: { ...clock, now: () => clock.now() + ahead } });
  });
  afterEach(() => chat.close());

  type Asked = Partial<Api['channels.searchPosts']['request']>;
  const search = (user: number, asked: Asked) => chat.call(user, { _: 'channels.searchPosts', offset_rate: 0, offset_peer: NOBODY, offset_id: 0, limit: 20, ...asked });
  const texts = async (user: number, asked: Asked): Promise<string[]> => ((await search(user, asked)) as MessagesMessagesSlice).messages.map((message) => (message as Message).message);
  /** What is found when all that was written is indexed. */
  const finds = async (user: number, asked: Asked, expected: string[]): Promise<unknown> => eventually(async () => {
    ahead += 6_000;
    expect(await texts(user, asked)).toEqual(expected);
    return true;
  });

  async function broadcast(name: string | undefined, owner = ALICE): Promise<number> {
    const id = await chat.channel(owner, [], 'Posts', true);
    if (name !== undefined) await chat.call(owner, { _: 'channels.updateUsername', channel: chat.inputChannel(owner, id), username: name });
    return id;
  }
  async function post(channel: number, message: string, owner = ALICE): Promise<number> {
    ahead += 1_000;
    const { updates } = (await chat.call(owner, { _: 'messages.sendMessage', peer: chat.channelPeer(owner, channel), message, random_id: (random += 1n) })) as { updates: { _: string; id?: number }[] };
    return updates.find(({ _ }) => _ === 'updateMessageID')?.id ?? 0;
  }

  it('are found by their hashtags in all channels, the newest first, by who is in none of them', async () => {
    const first = await broadcast('firstposts');
    const second = await broadcast('secondposts', BOB);
    const hidden = await broadcast(undefined);
    const group = await chat.channel(ALICE, [], 'Group');
    await post(first, 'one #Sea');
    await post(second, 'two #sea and #sun', BOB);
    await post(hidden, 'private #sea');
    await post(group, 'in a group #sea');
    await post(first, 'no tag: sea');
    await post(first, 'another #seaside');
    await post(first, 'three #SEA $TON');
    await finds(CAROL, { hashtag: 'sea' }, ['three #SEA $TON', 'two #sea and #sun', 'one #Sea']);
    expect(await texts(CAROL, { hashtag: '#sun' })).toEqual(['two #sea and #sun']);
    expect(await texts(CAROL, { hashtag: '$ton' })).toEqual(['three #SEA $TON']);
    expect(await texts(CAROL, { hashtag: 'nothing' })).toEqual([]);
  });

  it('come in pages, each after the last post of the one before', async () => {
    const channels = [await broadcast('pagesone'), await broadcast('pagestwo')];
    const said: string[] = [];
    for (let each = 0; each < 7; each += 1) {
      said.unshift(`post ${each} #many`);
      await post(channels[each % 2] as number, said[0] as string);
    }
    await finds(CAROL, { hashtag: 'many' }, said);
    const found: string[] = [];
    let offset: Asked = {};
    for (let page = 0; page < 4; page += 1) {
      const { messages, next_rate: rate } = (await search(CAROL, { hashtag: 'many', limit: 2, ...offset })) as MessagesMessagesSlice;
      found.push(...messages.map((message) => (message as Message).message));
      expect(rate === undefined).toBe(page === 3);
      const last = messages.at(-1) as Message;
      offset = { offset_rate: rate, offset_id: last.id, offset_peer: chat.channelPeer(CAROL, (last.peer_id as { channel_id: number }).channel_id) };
    }
    expect(found).toEqual(said);
  });

  it('go when they are deleted, edited, or their channel has no name or the reader banned', async () => {
    const channel = await broadcast('leavingposts');
    const stays = await post(channel, 'stays #leaving');
    const deleted = await post(channel, 'deleted #leaving');
    const edited = await post(channel, 'edited #leaving');
    await finds(CAROL, { hashtag: 'leaving' }, ['edited #leaving', 'deleted #leaving', 'stays #leaving']);
    await chat.call(ALICE, { _: 'channels.deleteMessages', channel: chat.inputChannel(ALICE, channel), id: [deleted] });
    await chat.call(ALICE, { _: 'messages.editMessage', peer: chat.channelPeer(ALICE, channel), id: edited, message: 'edited #arrived' });
    expect(await texts(CAROL, { hashtag: 'leaving' })).toEqual(['stays #leaving']);
    await finds(CAROL, { hashtag: 'arrived' }, ['edited #arrived']);
    await chat.call(BOB, { _: 'channels.joinChannel', channel: chat.inputChannel(BOB, channel) });
    await chat.call(ALICE, { _: 'channels.editBanned', channel: chat.inputChannel(ALICE, channel), participant: chat.peer(ALICE, BOB), banned_rights: { _: 'chatBannedRights', view_messages: true, until_date: 0 } });
    expect(await texts(BOB, { hashtag: 'leaving' })).toEqual([]);
    await chat.call(ALICE, { _: 'channels.updateUsername', channel: chat.inputChannel(ALICE, channel), username: '' });
    expect(await texts(CAROL, { hashtag: 'leaving' })).toEqual([]);
    expect(stays).toBeGreaterThan(0);
  });

  it('of a channel that gets its name later are found from then on', async () => {
    const channel = await broadcast(undefined);
    await post(channel, 'early #late');
    await chat.call(ALICE, { _: 'channels.updateUsername', channel: chat.inputChannel(ALICE, channel), username: 'laterposts' });
    await finds(CAROL, { hashtag: 'late' }, ['early #late']);
  });

  it('are found by words, for ten texts a day', async () => {
    const channel = await broadcast('wordyposts');
    await post(channel, 'a green boat sails');
    await post(channel, 'a green house stands');
    await finds(CAROL, { hashtag: 'none' }, []);
    const flood = (query?: string) => chat.call(CAROL, { _: 'channels.checkSearchPostsFlood', query });
    expect(await flood('green boat')).toMatchObject({ total_daily: 10, remains: 10 });
    await finds(CAROL, { query: 'Green boat' }, ['a green boat sails']);
    expect(await flood('green boat')).toMatchObject({ remains: 9, query_is_free: true });
    expect(await search(CAROL, { query: 'green', limit: 1 })).toMatchObject({ search_flood: { remains: 8, query_is_free: true }, messages: [{ message: 'a green house stands' }] });
    for (let each = 0; each < 8; each += 1) await search(CAROL, { query: `other ${each}` });
    expect(await flood('new')).toMatchObject({ remains: 0, query_is_free: undefined, wait_till: expect.any(Number) as unknown });
    await expect(search(CAROL, { query: 'new' })).rejects.toThrow(/FLOOD_WAIT_/);
    await expect(search(CAROL, { query: 'new', allow_paid_stars: 10n })).rejects.toThrow('BALANCE_TOO_LOW');
    expect(await texts(CAROL, { query: 'green boat' })).toEqual(['a green boat sails']);
  });

  it('refuses what can not be asked', async () => {
    await expect(search(CAROL, {})).rejects.toThrow('SEARCH_QUERY_EMPTY');
    await expect(search(CAROL, { hashtag: 'a', query: 'b' })).rejects.toThrow('SEARCH_QUERY_EMPTY');
    await expect(search(CAROL, { query: '…' })).rejects.toThrow('SEARCH_QUERY_EMPTY');
    for (const hashtag of ['', '123', 'two words', '#']) await expect(search(CAROL, { hashtag })).rejects.toThrow('HASHTAG_INVALID');
    const channel = await broadcast('refusedposts');
    await expect(search(CAROL, { hashtag: 'a', offset_rate: 1, offset_id: 1, offset_peer: { ...chat.channelPeer(ALICE, channel), access_hash: 1n } })).rejects.toThrow('OFFSET_PEER_ID_INVALID');
    await expect(search(CAROL, { hashtag: 'a', offset_rate: 1, offset_id: 1, offset_peer: chat.peer(CAROL, BOB) })).rejects.toThrow('OFFSET_PEER_ID_INVALID');
  });
});
