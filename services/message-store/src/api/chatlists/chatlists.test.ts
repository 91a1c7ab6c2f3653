import type { Api, DialogFilter, DialogFilterChatlist, TypeDialogFilter, TypeInputPeer, TypePeer, TypeUpdate } from '@heliograph/tl/api';
import { CHATLIST_INVITES_MAX, CHATLISTS_MAX } from '../../engine/limits';
import { CHATLIST_PEERS_MAX } from '../../limits';
import { ALICE, BOB, CAROL, openChat, updatesOf, type Chat } from '../../testing/chat';

const LIST = { _: 'inputChatlistDialogFilter' as const, filter_id: 2 };
const idOf = (peer: TypePeer): number => (peer._ === 'peerChannel' ? peer.channel_id : 0);

describe('shared folders', () => {
  let chat: Chat;
  let [news, group]: number[] = [];
  beforeEach(async () => {
    chat = await openChat();
    // Both of Alice's and private: Carol in none of them, Bob in the second.
    news = await chat.channel(ALICE, [], 'the news', true);
    group = await chat.channel(ALICE, [BOB], 'the group');
    await folder(ALICE, { include_peers: [chat.channelPeer(ALICE, news), chat.channelPeer(ALICE, group)] });
  });
  afterEach(() => chat.close());

  const folder = (by: number, more: Partial<DialogFilter> = {}, id = 2) => chat.call(by, {
    _: 'messages.updateDialogFilter', id,
    filter: { _: 'dialogFilter', id, title: { _: 'textWithEntities', text: 'Sea', entities: [] }, emoticon: '🌊', pinned_peers: [], include_peers: [], exclude_peers: [], ...more },
  });
  const peers = (by: number, ids: readonly number[]): TypeInputPeer[] => ids.map((id) => chat.channelPeer(by, id));
  const share = (by: number, ids: readonly number[], more: Partial<Api['chatlists.exportChatlistInvite']['request']> = {}) => chat.call(by, { _: 'chatlists.exportChatlistInvite', chatlist: LIST, title: ' for friends ', peers: peers(by, ids), ...more });
  const slugOf = ({ url }: { url: string }): string => url.slice(url.lastIndexOf('/') + 1);
  const shared = async (ids: readonly number[] = [news as number, group as number]): Promise<string> => slugOf((await share(ALICE, ids)).invite);
  const check = async (by: number, slug: string) => chat.call(by, { _: 'chatlists.checkChatlistInvite', slug });
  const join = async (by: number, slug: string, ids: readonly number[]) => updatesOf(await chat.call(by, { _: 'chatlists.joinChatlistInvite', slug, peers: peers(by, ids) }));
  const filterIn = (updates: readonly TypeUpdate[]): TypeDialogFilter | undefined => updates.map((update) => (update._ === 'updateDialogFilter' ? update.filter : undefined)).find((filter) => filter !== undefined);
  const filters = async (of: number): Promise<(DialogFilter | DialogFilterChatlist)[]> => (await chat.call(of, { _: 'messages.getDialogFilters' })).filters.filter((filter) => filter._ !== 'dialogFilterDefault');
  const channelsIn = (filter: TypeDialogFilter | undefined): number[] => (filter === undefined || filter._ === 'dialogFilterDefault' ? [] : filter.include_peers.map((peer) => (peer._ === 'inputPeerChannel' ? peer.channel_id : 0)));
  const missing = async (by: number, chatlist = LIST) => (await chat.call(by, { _: 'chatlists.getChatlistUpdates', chatlist })).missing_peers.map(idOf);
  const isIn = async (user: number, id: number): Promise<boolean> => {
    const { participants } = await chat.call(ALICE, { _: 'channels.getParticipants', channel: chat.inputChannel(ALICE, id), filter: { _: 'channelParticipantsRecent' }, offset: 0, limit: 100, hash: 0n }) as { participants: { user_id?: number }[] };
    return participants.some(({ user_id }) => user_id === user);
  };
  const promote = (user: number, rights: object) => chat.call(ALICE, { _: 'channels.editAdmin', channel: chat.inputChannel(ALICE, group as number), user_id: chat.inputUser(ALICE, user), admin_rights: { _: 'chatAdminRights', ...rights }, rank: '' });

  it('become lists of chats with links, which are changed and end', async () => {
    const { filter, invite } = await share(ALICE, [news as number]);
    expect(filter).toMatchObject({ _: 'dialogFilterChatlist', has_my_invites: true, id: 2, title: { text: 'Sea' }, emoticon: '🌊' });
    expect(invite).toMatchObject({ title: 'for friends', peers: [{ channel_id: news }] });
    expect(invite.url).toMatch(/^https:\/\/t\.me\/addlist\/[\w-]{23}$/);
    expect(await filters(ALICE)).toEqual([filter]);
    const slug = slugOf(invite);
    const edited = await chat.call(ALICE, { _: 'chatlists.editExportedInvite', chatlist: LIST, slug, title: 'all', peers: peers(ALICE, [news as number, group as number]) });
    expect(edited).toMatchObject({ title: 'all', url: invite.url, peers: [{ channel_id: news }, { channel_id: group }] });
    expect(await chat.call(ALICE, { _: 'chatlists.editExportedInvite', chatlist: LIST, slug })).toEqual(edited);
    const second = await share(ALICE, [group as number], { title: '' });
    expect(await chat.call(ALICE, { _: 'chatlists.getExportedInvites', chatlist: LIST })).toMatchObject({ invites: [edited, second.invite] });
    // Its owner changes it as a list of chats, and as nothing else.
    await chat.call(ALICE, { _: 'messages.updateDialogFilter', id: 2, filter: { _: 'dialogFilterChatlist', has_my_invites: undefined, id: 2, title: { _: 'textWithEntities', text: 'Lake', entities: [] }, pinned_peers: [], include_peers: peers(ALICE, [group as number]) } });
    expect(await filters(ALICE)).toMatchObject([{ _: 'dialogFilterChatlist', has_my_invites: true, title: { text: 'Lake' } }]);
    await expect(folder(ALICE, { groups: true })).rejects.toThrow('FILTER_NOT_SUPPORTED');
    for (const each of [slug, second.invite.url]) await chat.call(ALICE, { _: 'chatlists.deleteExportedInvite', chatlist: LIST, slug: each });
    await expect(check(BOB, slug)).rejects.toThrow('INVITE_SLUG_EXPIRED');
    await expect(chat.call(ALICE, { _: 'chatlists.deleteExportedInvite', chatlist: LIST, slug })).rejects.toThrow('INVITE_SLUG_EXPIRED');
    expect((await filters(ALICE))[0]).not.toMatchObject({ has_my_invites: true });
    await folder(ALICE, { groups: true });
    expect(await filters(ALICE)).toMatchObject([{ _: 'dialogFilter' }]);
  });

  it('take the basic groups of their owner along as supergroups', async () => {
    const basic = await chat.group(ALICE, [BOB], 'small');
    await folder(ALICE, { include_peers: [{ _: 'inputPeerChat', chat_id: basic }] }, 3);
    const { filter, invite } = await share(ALICE, [], { chatlist: { ...LIST, filter_id: 3 }, peers: [{ _: 'inputPeerChat', chat_id: basic }] });
    const [supergroup] = invite.peers.map(idOf);
    expect(supergroup).toBeGreaterThan(0);
    expect(channelsIn(filter)).toEqual([supergroup]);
    // Again, it is what it has become.
    expect((await share(ALICE, [], { chatlist: { ...LIST, filter_id: 3 }, peers: [{ _: 'inputPeerChat', chat_id: basic }] })).invite.peers.map(idOf)).toEqual([supergroup]);
    await join(CAROL, invite.url, [supergroup as number]);
    expect(await isIn(CAROL, supergroup as number)).toBe(true);
    const others = await chat.group(BOB, [ALICE], 'not hers');
    await expect(share(ALICE, [], { peers: [{ _: 'inputPeerChat', chat_id: others }] })).rejects.toThrow('CHAT_ADMIN_REQUIRED');
  });

  it('show what they share, private channels too, and what of it is new', async () => {
    const slug = await shared();
    expect(await check(CAROL, slug)).toMatchObject({
      _: 'chatlists.chatlistInvite', title: { text: 'Sea' }, emoticon: '🌊', peers: [{ channel_id: news }, { channel_id: group }],
      chats: [{ _: 'channel', id: news, title: 'the news', broadcast: true, left: true, participants_count: 1 }, { _: 'channel', id: group, title: 'the group', megagroup: true }],
    });
    // Who is in a channel sees it anyway.
    expect((await check(BOB, slug)).chats).toMatchObject([{ id: news }]);
    expect(await check(ALICE, slug)).toMatchObject({ _: 'chatlists.chatlistInviteAlready', filter_id: 2, missing_peers: [], already_peers: [{ channel_id: news }, { channel_id: group }] });
    await join(CAROL, slug, [news as number]);
    expect(await check(CAROL, slug)).toMatchObject({ _: 'chatlists.chatlistInviteAlready', filter_id: 2, missing_peers: [{ channel_id: group }], already_peers: [{ channel_id: news }] });
    await join(CAROL, slug, [group as number]);
    expect(channelsIn((await filters(CAROL))[0])).toEqual([news, group]);
    expect(await filters(CAROL)).toHaveLength(1);
  });

  it('are joined, also by who is in some of it, and left', async () => {
    const slug = await shared();
    const updates = await join(BOB, slug, [news as number, group as number]);
    const filter = filterIn(updates);
    expect(filter).toMatchObject({ _: 'dialogFilterChatlist', id: 2, title: { text: 'Sea' }, emoticon: '🌊' });
    expect(filter).not.toMatchObject({ has_my_invites: true });
    expect(await filters(BOB)).toEqual([filter]);
    expect(updates.filter((update) => update._ === 'updateChannel')).toEqual([{ _: 'updateChannel', channel_id: news }]);
    expect(channelsIn(filter)).toEqual([news, group]);
    expect(await isIn(BOB, news as number)).toBe(true);
    // He was in the group before.
    const suggested = () => chat.call(BOB, { _: 'chatlists.getLeaveChatlistSuggestions', chatlist: LIST });
    expect((await suggested()).map(idOf)).toEqual([news]);
    const left = updatesOf(await chat.call(BOB, { _: 'chatlists.leaveChatlist', chatlist: LIST, peers: peers(BOB, [news as number]) }));
    expect(left.at(-1)).toEqual({ _: 'updateDialogFilter', id: 2, filter: undefined });
    expect(await isIn(BOB, news as number)).toBe(false);
    expect(await isIn(BOB, group as number)).toBe(true);
    expect(await filters(BOB)).toEqual([]);
    await expect(suggested()).rejects.toThrow('FILTER_ID_INVALID');
    // Who made a channel can't leave it, and keeps his folder therefore.
    await expect(chat.call(ALICE, { _: 'chatlists.leaveChatlist', chatlist: LIST, peers: peers(ALICE, [news as number]) })).rejects.toThrow('USER_CREATOR');
    await chat.call(ALICE, { _: 'chatlists.leaveChatlist', chatlist: LIST, peers: [] });
    await expect(check(BOB, slug)).rejects.toThrow('INVITE_SLUG_EXPIRED');
  });

  it('tell of what is added later, until it is joined or unwanted', async () => {
    const slug = await shared([news as number]);
    await join(CAROL, slug, [news as number]);
    expect(await missing(CAROL)).toEqual([]);
    const more = [await chat.channel(ALICE, [], 'more', true), await chat.channel(ALICE, [], 'most', true)];
    const edit = (ids: readonly number[]) => chat.call(ALICE, { _: 'chatlists.editExportedInvite', chatlist: LIST, slug, peers: peers(ALICE, ids) });
    await edit([news as number, more[0] as number]);
    expect(await chat.call(CAROL, { _: 'chatlists.getChatlistUpdates', chatlist: LIST })).toMatchObject({ missing_peers: [{ channel_id: more[0] }], chats: [{ _: 'channel', title: 'more', left: true }] });
    await chat.call(CAROL, { _: 'chatlists.hideChatlistUpdates', chatlist: LIST });
    expect(await missing(CAROL)).toEqual([]);
    await edit([news as number, ...more]);
    expect(await missing(CAROL)).toEqual([more[1]]);
    const joined = updatesOf(await chat.call(CAROL, { _: 'chatlists.joinChatlistUpdates', chatlist: LIST, peers: peers(CAROL, [more[1] as number]) }));
    expect(channelsIn(filterIn(joined))).toEqual([news, more[1]]);
    expect(await missing(CAROL)).toEqual([]);
    await expect(chat.call(CAROL, { _: 'chatlists.joinChatlistUpdates', chatlist: LIST, peers: peers(CAROL, [group as number]) })).rejects.toThrow('FILTER_INCLUDE_EMPTY');
    await chat.call(ALICE, { _: 'chatlists.deleteExportedInvite', chatlist: LIST, slug });
    expect(await missing(CAROL)).toEqual([]);
    await expect(chat.call(CAROL, { _: 'chatlists.joinChatlistUpdates', chatlist: LIST, peers: peers(CAROL, [more[0] as number]) })).rejects.toThrow('FILTER_INCLUDE_EMPTY');
    expect(await missing(ALICE)).toEqual([]);
    await expect(chat.call(ALICE, { _: 'chatlists.joinChatlistUpdates', chatlist: LIST, peers: [] })).rejects.toThrow('FILTER_NOT_SUPPORTED');
  });

  it('let in by the right of who shares them, as of joining', async () => {
    await promote(BOB, { invite_users: true });
    await folder(BOB, { include_peers: peers(BOB, [group as number]) });
    const slug = slugOf((await share(BOB, [group as number])).invite);
    await promote(BOB, {});
    // Who may not invite any more tells nobody of it.
    expect(await check(CAROL, slug)).toMatchObject({ peers: [], chats: [] });
    await expect(join(CAROL, slug, [group as number])).rejects.toThrow('CHANNEL_PRIVATE');
    await promote(BOB, { invite_users: true });
    await chat.call(ALICE, { _: 'channels.editBanned', channel: chat.inputChannel(ALICE, group as number), participant: chat.peer(ALICE, CAROL), banned_rights: { _: 'chatBannedRights', view_messages: true, until_date: 0 } });
    await expect(join(CAROL, slug, [group as number])).rejects.toThrow('CHANNEL_PRIVATE');
    expect(await filters(CAROL)).toEqual([]);
    await chat.call(ALICE, { _: 'channels.editBanned', channel: chat.inputChannel(ALICE, group as number), participant: chat.peer(ALICE, CAROL), banned_rights: { _: 'chatBannedRights', until_date: 0 } });
    await join(CAROL, slug, [group as number]);
    expect(await isIn(CAROL, group as number)).toBe(true);
    expect(await chat.call(CAROL, { _: 'channels.getParticipant', channel: chat.inputChannel(CAROL, group as number), participant: { _: 'inputPeerSelf' } })).toMatchObject({ participant: { inviter_id: BOB } });
  });

  it('leave out what can\'t be joined, and offer it again', async () => {
    const slug = await shared();
    await chat.call(ALICE, { _: 'channels.editBanned', channel: chat.inputChannel(ALICE, group as number), participant: chat.peer(ALICE, CAROL), banned_rights: { _: 'chatBannedRights', view_messages: true, until_date: 0 } });
    expect(channelsIn(filterIn(await join(CAROL, slug, [news as number, group as number])))).toEqual([news]);
    expect(await missing(CAROL)).toEqual([group]);
  });

  it('ask where admins let in', async () => {
    await chat.call(ALICE, { _: 'channels.updateUsername', channel: chat.inputChannel(ALICE, group as number), username: 'the_group' });
    await chat.call(ALICE, { _: 'channels.toggleJoinRequest', channel: chat.inputChannel(ALICE, group as number), enabled: true });
    const updates = await join(CAROL, await shared(), [group as number]);
    expect(channelsIn(filterIn(updates))).toEqual([group]);
    expect(await isIn(CAROL, group as number)).toBe(false);
    await chat.call(ALICE, { _: 'messages.hideChatJoinRequest', peer: chat.channelPeer(ALICE, group as number), user_id: chat.inputUser(ALICE, CAROL), approved: true });
    expect(await isIn(CAROL, group as number)).toBe(true);
    expect((await chat.call(CAROL, { _: 'chatlists.getLeaveChatlistSuggestions', chatlist: LIST })).map(idOf)).toEqual([group]);
  });

  it('may be of public channels of others', async () => {
    await chat.call(ALICE, { _: 'channels.updateUsername', channel: chat.inputChannel(ALICE, news as number), username: 'the_news' });
    await folder(CAROL, { include_peers: peers(CAROL, [news as number]) });
    const slug = slugOf((await share(CAROL, [news as number])).invite);
    await join(BOB, slug, [news as number]);
    expect(await isIn(BOB, news as number)).toBe(true);
  });

  it('are as many as may be', async () => {
    for (let made = 0; made < CHATLIST_INVITES_MAX; made += 1) await shared();
    await expect(shared()).rejects.toThrow('INVITES_TOO_MUCH');
    for (let id = 3; id < 2 + CHATLISTS_MAX; id += 1) {
      await folder(ALICE, { include_peers: peers(ALICE, [news as number]) }, id);
      await share(ALICE, [news as number], { chatlist: { ...LIST, filter_id: id } });
    }
    await folder(ALICE, { include_peers: peers(ALICE, [news as number]) }, 99);
    await expect(share(ALICE, [news as number], { chatlist: { ...LIST, filter_id: 99 } })).rejects.toThrow('CHATLISTS_TOO_MUCH');
    // Others' count, too.
    await chat.call(ALICE, { _: 'channels.updateUsername', channel: chat.inputChannel(ALICE, news as number), username: 'the_news' });
    await folder(BOB, { include_peers: peers(BOB, [news as number]) });
    const slug = slugOf((await share(BOB, [news as number])).invite);
    await expect(join(ALICE, slug, [news as number])).rejects.toThrow('CHATLISTS_TOO_MUCH');
  });

  it.each<[string, () => Promise<unknown>]>([
    ['FILTER_ID_INVALID', () => share(ALICE, [news as number], { chatlist: { ...LIST, filter_id: 9 } })],
    ['PEERS_LIST_EMPTY', () => share(ALICE, [])],
    ['INVITE_PEERS_TOO_MUCH', () => share(ALICE, Array.from({ length: CHATLIST_PEERS_MAX + 1 }, () => news as number))],
    ['PEER_ID_INVALID', () => share(ALICE, [], { peers: [chat.peer(ALICE, BOB)] })],
    ['PEER_ID_INVALID', () => share(ALICE, [], { peers: [{ _: 'inputPeerChat', chat_id: 5 }] })],
    ['CHANNEL_INVALID', () => share(ALICE, [], { peers: [chat.channelPeer(BOB, news as number)] })],
    ['FILTER_NOT_SUPPORTED', async () => folder(ALICE, { groups: true }).then(() => share(ALICE, [news as number]))],
    ['FILTER_NOT_SUPPORTED', async () => folder(ALICE, { exclude_peers: [chat.peer(ALICE, BOB)], include_peers: peers(ALICE, [news as number]) }).then(() => share(ALICE, [news as number]))],
    ['CHANNEL_PRIVATE', async () => folder(CAROL, { groups: true, include_peers: peers(CAROL, [news as number]) }).then(() => folder(CAROL, { include_peers: peers(CAROL, [news as number]) })).then(() => share(CAROL, [news as number]))],
    ['CHAT_ADMIN_REQUIRED', async () => folder(BOB, { include_peers: peers(BOB, [group as number]) }).then(() => share(BOB, [group as number]))],
    ['INVITE_SLUG_EMPTY', () => check(BOB, '')],
    ['INVITE_SLUG_EXPIRED', () => check(BOB, 'A'.repeat(23))],
    ['INVITE_SLUG_EXPIRED', () => join(BOB, 'nothing', [news as number])],
    ['FILTER_INCLUDE_EMPTY', async () => join(BOB, await shared(), [])],
    ['FILTER_INCLUDE_EMPTY', async () => join(BOB, await shared([news as number]), [group as number])],
    ['CHANNEL_INVALID', async () => chat.call(BOB, { _: 'chatlists.joinChatlistInvite', slug: await shared(), peers: peers(ALICE, [news as number]) })],
    ['FILTER_NOT_SUPPORTED', () => missing(ALICE)],
    ['FILTER_ID_INVALID', () => missing(BOB)],
    ['FILTER_NOT_SUPPORTED', () => chat.call(ALICE, { _: 'chatlists.leaveChatlist', chatlist: LIST, peers: [] })],
    ['FILTER_NOT_SUPPORTED', () => chat.call(ALICE, { _: 'messages.updateDialogFilter', id: 2, filter: { _: 'dialogFilterChatlist', id: 2, title: { _: 'textWithEntities', text: 'x', entities: [] }, pinned_peers: [], include_peers: peers(ALICE, [news as number]) } })],
    // Another's link is none of one's own, whatever folder it is said to be of.
    ['INVITE_SLUG_EXPIRED', async () => {
      const slug = await shared();
      await folder(BOB, { include_peers: peers(BOB, [group as number]) });
      await promote(BOB, { invite_users: true });
      await share(BOB, [group as number]);
      return chat.call(BOB, { _: 'chatlists.editExportedInvite', chatlist: LIST, slug, title: 'mine' });
    }],
  ])('refuse with %s', async (error, act) => {
    await expect(act()).rejects.toThrow(error);
  });
});
