import type { Api, ChannelFull, ChatInviteExported, TypeUpdate } from '@heliograph/tl/api';
import { eventually } from '@heliograph/testing/eventually';
import { ALICE, BOB, CAROL, messagesOf, openChat, sentId, updatesOf, type Chat } from '../../testing/chat';

const kinds = (updates: readonly TypeUpdate[]): string[] => updates.map(({ _: kind }) => kind);

describe('channels', () => {
  let chat: Chat;
  beforeAll(async () => {
    chat = await openChat();
  });
  afterAll(() => chat.close());

  let group: number;
  beforeEach(async () => {
    group = await chat.channel(ALICE, [BOB], 'the two');
  });

  const named = (viewer: number, id = group) => ({ channel: chat.inputChannel(viewer, id) });
  const full = async (of: number, id = group): Promise<ChannelFull> => {
    const { full_chat } = await chat.call(of, { _: 'channels.getFullChannel', ...named(of, id) });
    if (full_chat._ !== 'channelFull') throw new Error(full_chat._);
    return full_chat;
  };
  const history = async (of: number) => messagesOf(await chat.call(of, {
    _: 'messages.getHistory', peer: chat.channelPeer(of, group), offset_id: 0, offset_date: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0, hash: 0n,
  }));
  const participants = async (of: number, filter: Api['channels.getParticipants']['request']['filter'], more: { offset?: number; limit?: number; hash?: bigint } = {}, id = group) => {
    const answer = await chat.call(of, { _: 'channels.getParticipants', ...named(of, id), filter, offset: 0, limit: 100, hash: 0n, ...more });
    if (answer._ !== 'channels.channelParticipants') throw new Error(answer._);
    return answer;
  };
  const participant = (of: number, user: number) => chat.call(of, { _: 'channels.getParticipant', ...named(of), participant: chat.peer(of, user) });
  const ban = (by: number, user: number, rights: object, until_date = 0) => {
    return chat.call(by, { _: 'channels.editBanned', ...named(by), participant: chat.peer(by, user), banned_rights: { _: 'chatBannedRights', until_date, ...rights } });
  };
  const promote = (by: number, user: number, rights: object, ...[rank]: [string?]) => {
    return chat.call(by, { _: 'channels.editAdmin', ...named(by), user_id: chat.inputUser(by, user), admin_rights: { _: 'chatAdminRights', ...rights }, rank });
  };
  const invite = (by: number, user: number) => chat.call(by, { _: 'channels.inviteToChannel', ...named(by), users: [chat.inputUser(by, user)] });
  const recent = { _: 'channelParticipantsRecent' as const };
  const adminsOnly = { _: 'channelParticipantsAdmins' as const };

  describe('being made', () => {
    it('says so, and who is in it', async () => {
      const made = updatesOf(await chat.call(ALICE, { _: 'channels.createChannel', title: ' news ', about: 'of the day', broadcast: true }));
      expect(made).toMatchObject([{ _: 'updateMessageID' }, { _: 'updateChannel' }, { _: 'updateNewChannelMessage', message: { _: 'messageService', post: true, action: { _: 'messageActionChannelCreate', title: 'news' } } }]);
      expect(await full(ALICE)).toMatchObject({ id: group, participants_count: 2, about: '', unread_count: 0, can_view_participants: true, can_set_username: true, admins_count: 1 });
      expect((await full(BOB)).admins_count).toBeUndefined();
    });

    it.each([
      ['CHAT_TITLE_EMPTY', { title: ' ' }], ['CHAT_ABOUT_TOO_LONG', { about: 'x'.repeat(256) }], ['TTL_PERIOD_INVALID', { ttl_period: -1 }], ['NOT_IMPLEMENTED', { forum: true }], ['NOT_IMPLEMENTED', { for_import: true }],
    ])('is refused with %s', async (error, more) => {
      await expect(chat.call(ALICE, { _: 'channels.createChannel', title: 'x', about: '', megagroup: true, ...more })).rejects.toThrow(error);
    });
  });

  it('are named by access hashes, and closed to strangers', async () => {
    expect(await chat.call(BOB, { _: 'channels.getChannels', id: [chat.inputChannel(BOB, group)] })).toMatchObject({ chats: [{ id: group }] });
    await expect(chat.call(BOB, { _: 'channels.getChannels', id: [chat.inputChannel(ALICE, group)] })).rejects.toThrow('CHANNEL_INVALID');
    await expect(full(CAROL)).rejects.toThrow('CHANNEL_PRIVATE');
    await expect(full(CAROL, group + 32)).rejects.toThrow('CHANNEL_INVALID');
    await expect(chat.call(CAROL, { _: 'channels.joinChannel', ...named(CAROL) })).rejects.toThrow('CHANNEL_PRIVATE');
  });

  describe('members', () => {
    it('come by invitation and leave', async () => {
      const { updates, missing_invitees } = await invite(BOB, CAROL);
      expect(missing_invitees).toEqual([]);
      expect(updatesOf(updates)).toMatchObject([{ _: 'updateChannel' }, { message: { action: { _: 'messageActionChatAddUser', users: [CAROL] } } }]);
      await expect(invite(BOB, CAROL)).rejects.toThrow('USER_ALREADY_PARTICIPANT');
      expect((await full(CAROL)).participants_count).toBe(3);
      expect(kinds(updatesOf(await chat.call(CAROL, { _: 'channels.leaveChannel', ...named(CAROL) })))).toContain('updateChannel');
      await expect(full(CAROL)).rejects.toThrow('CHANNEL_PRIVATE');
      await expect(chat.call(ALICE, { _: 'channels.leaveChannel', ...named(ALICE) })).rejects.toThrow('USER_CREATOR');
    });

    it.each([['a supergroup', false], ['a broadcast', true]])('of %s can be left by its creator, who may come back', async (_, broadcast) => {
      const id = await chat.channel(ALICE, [BOB], 'left alone', broadcast);
      const heir = (of: number) => chat.call(of, { _: 'messages.getFutureChatCreatorAfterLeave', peer: chat.channelPeer(of, id) });
      expect(await heir(ALICE)).toEqual({ _: 'userEmpty', id: 0 });
      await chat.call(ALICE, { _: 'channels.editAdmin', ...named(ALICE, id), user_id: chat.inputUser(ALICE, BOB), admin_rights: { _: 'chatAdminRights', post_messages: broadcast, change_info: true, invite_users: true } });
      expect(await heir(ALICE)).toEqual({ _: 'userEmpty', id: BOB });
      await expect(heir(BOB)).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await expect(chat.call(ALICE, { _: 'messages.getFutureChatCreatorAfterLeave', peer: chat.peer(ALICE, BOB) })).rejects.toThrow('PEER_ID_INVALID');
      const updates = updatesOf(await chat.call(ALICE, { _: 'channels.leaveChannel', ...named(ALICE, id) }));
      const said = updates.flatMap((update) => (update._ === 'updateNewChannelMessage' && update.message._ === 'messageService' ? [update.message] : []));
      expect(said.map(({ action }) => action)).toEqual(broadcast ? [] : [{ _: 'messageActionNewCreatorPending', new_creator_id: BOB }, { _: 'messageActionChatDeleteUser', user_id: ALICE }]);
      expect(said.every(({ from_id }) => from_id?._ === 'peerUser' && from_id.user_id === ALICE)).toBe(true);
      const [notice] = await chat.history(ALICE, 777000);
      expect(notice).toMatchObject({ message: expect.stringMatching(/left alone.*7 days, user .* will become its new owner/), entities: [{ _: 'messageEntityUrl' }] });
      await expect(full(ALICE, id)).rejects.toThrow('CHANNEL_PRIVATE');
      await expect(chat.call(CAROL, { _: 'channels.joinChannel', ...named(CAROL, id) })).rejects.toThrow('CHANNEL_PRIVATE');
      await chat.call(ALICE, { _: 'channels.joinChannel', ...named(ALICE, id) });
      expect((await participants(ALICE, adminsOnly, {}, id)).participants).toMatchObject([{ _: 'channelParticipantCreator', user_id: ALICE }, { _: 'channelParticipantAdmin', user_id: BOB }]);
      expect(await full(ALICE, id)).toMatchObject({ can_set_username: true, can_delete_channel: true });
    });

    it('are not brought against their will', async () => {
      await chat.block(CAROL, BOB);
      expect(await invite(BOB, CAROL)).toMatchObject({ missing_invitees: [{ user_id: CAROL }], updates: { updates: [] } });
      await chat.block(CAROL, BOB, false);
    });

    it('are listed by what is asked for', async () => {
      await invite(ALICE, CAROL);
      expect(await participants(BOB, recent)).toMatchObject({ count: 3 });
      const listed = (await participants(BOB, recent)).participants;
      expect(listed).toEqual(expect.arrayContaining([expect.objectContaining({ _: 'channelParticipantCreator', user_id: ALICE }), expect.objectContaining({ _: 'channelParticipantSelf', user_id: BOB, inviter_id: ALICE }), expect.objectContaining({ _: 'channelParticipant', user_id: CAROL })]));
      const pages = [];
      for (let offset = 0; offset < 4; offset += 1) pages.push(...(await participants(BOB, recent, { offset, limit: 1 })).participants);
      expect(pages).toEqual(listed);
      expect((await participants(ALICE, { _: 'channelParticipantsSearch', q: `user ${CAROL}` })).participants).toMatchObject([{ user_id: CAROL }]);
      expect(await participants(ALICE, { _: 'channelParticipantsBots' })).toMatchObject({ count: 0, participants: [] });
      expect((await participants(BOB, adminsOnly)).participants).toMatchObject([{ _: 'channelParticipantCreator', user_id: ALICE }]);
      await expect(participants(BOB, { _: 'channelParticipantsKicked', q: '' })).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      expect(await participant(BOB, BOB)).toMatchObject({ participant: { _: 'channelParticipantSelf' } });
    });

    it('of a broadcast are its admins\' to know', async () => {
      const news = await chat.channel(ALICE, [BOB], 'news', true);
      await expect(participants(BOB, recent, {}, news)).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await expect(participants(BOB, adminsOnly, {}, news)).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      expect(await participants(ALICE, recent, {}, news)).toMatchObject({ count: 2 });
      expect((await full(BOB, news)).can_view_participants).toBeUndefined();
      await expect(chat.call(BOB, { _: 'channels.inviteToChannel', ...named(BOB, news), users: [chat.inputUser(BOB, CAROL)] })).rejects.toThrow('CHAT_ADMIN_REQUIRED');
    });
  });

  it('calls people what they, or admins, say', async () => {
    const rank = (by: number, user: number, text: string, id = group) => chat.call(by, { _: 'messages.editChatParticipantRank', peer: chat.channelPeer(by, id), participant: by === user ? { _: 'inputPeerSelf' } : chat.peer(by, user), rank: text });
    expect(kinds(updatesOf(await rank(BOB, BOB, ' cook ')))).toEqual(['updateChannel']);
    expect(await participant(ALICE, BOB)).toMatchObject({ participant: { _: 'channelParticipant', rank: 'cook' } });
    expect(await participant(BOB, BOB)).toMatchObject({ participant: { _: 'channelParticipantSelf', rank: 'cook' } });
    expect((await participants(ALICE, recent)).participants).toContainEqual(expect.objectContaining({ user_id: BOB, rank: 'cook' }));
    const sent = updatesOf(await chat.call(BOB, { _: 'messages.sendMessage', peer: chat.channelPeer(BOB, group), message: 'dinner', random_id: 77n }));
    expect(sent).toContainEqual(expect.objectContaining({ _: 'updateNewChannelMessage', message: expect.objectContaining({ from_rank: 'cook' }) }));
    await rank(ALICE, BOB, 'chef');
    expect((await history(ALICE))[0]).toMatchObject({ message: 'dinner', from_rank: 'chef' });
    await promote(ALICE, BOB, { pin_messages: true }, undefined);
    expect((await history(ALICE))[0]).toMatchObject({ from_rank: 'chef' });
    await rank(ALICE, ALICE, 'host');
    expect(await participant(BOB, ALICE)).toMatchObject({ participant: { _: 'channelParticipantCreator', rank: 'host' } });
    const { events } = await chat.call(ALICE, { _: 'channels.getAdminLog', ...named(ALICE), q: '', max_id: 0n, min_id: 0n, limit: 10, events_filter: { _: 'channelAdminLogEventsFilter', edit_rank: true } });
    expect(events.map(({ action }) => action)).toMatchObject([
      { _: 'channelAdminLogEventActionParticipantEditRank', user_id: ALICE, prev_rank: '', new_rank: 'host' }, { user_id: BOB, prev_rank: 'cook', new_rank: 'chef' }, { user_id: BOB, prev_rank: '', new_rank: 'cook' },
    ]);
    await rank(ALICE, BOB, '');
    expect((await history(BOB))[0]).toMatchObject({ message: 'dinner', from_rank: undefined });
    await expect(rank(ALICE, BOB, '👑')).rejects.toThrow('ADMIN_RANK_EMOJI_NOT_ALLOWED');
    await expect(rank(ALICE, BOB, 'x'.repeat(17))).rejects.toThrow('ADMIN_RANK_INVALID');
    await expect(rank(ALICE, CAROL, 'x')).rejects.toThrow('USER_NOT_PARTICIPANT');
    await expect(chat.call(ALICE, { _: 'messages.editChatParticipantRank', peer: chat.peer(ALICE, BOB), participant: { _: 'inputPeerSelf' }, rank: 'x' })).rejects.toThrow('PEER_ID_INVALID');
    await expect(chat.call(ALICE, { _: 'messages.editChatParticipantRank', peer: chat.channelPeer(ALICE, group), participant: chat.channelPeer(ALICE, group), rank: 'x' })).rejects.toThrow('PARTICIPANT_ID_INVALID');
    await expect(rank(ALICE, ALICE, 'x', await chat.channel(ALICE, [], 'news', true))).rejects.toThrow('PEER_ID_INVALID');
  });

  describe('admins', () => {
    it('are named with rights and a title, by those who may', async () => {
      await expect(promote(BOB, BOB, { pin_messages: true })).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await expect(promote(ALICE, BOB, { pin_messages: true }, '👑')).rejects.toThrow('ADMIN_RANK_EMOJI_NOT_ALLOWED');
      await expect(promote(ALICE, BOB, { pin_messages: true }, 'x'.repeat(17))).rejects.toThrow('ADMIN_RANK_INVALID');
      await promote(ALICE, BOB, { pin_messages: true, add_admins: true, invite_users: true }, 'helper');
      expect(await participant(ALICE, BOB)).toMatchObject({ participant: { _: 'channelParticipantAdmin', can_edit: true, rank: 'helper', promoted_by: ALICE, admin_rights: { pin_messages: true, add_admins: true } } });
      await expect(promote(BOB, CAROL, { ban_users: true })).rejects.toThrow('RIGHT_FORBIDDEN');
      await promote(BOB, CAROL, { pin_messages: true });
      expect((await participants(ALICE, adminsOnly)).participants).toMatchObject([{ user_id: ALICE }, { user_id: BOB }, { user_id: CAROL, promoted_by: BOB }]);
      await expect(promote(CAROL, BOB, {})).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await promote(ALICE, BOB, {});
      expect(await participant(ALICE, BOB)).toMatchObject({ participant: { _: 'channelParticipant' } });
    });

    it('who stay unnamed are shown to admins alone', async () => {
      await invite(ALICE, CAROL);
      await promote(ALICE, BOB, { anonymous: true, delete_messages: true });
      expect((await participants(CAROL, adminsOnly)).participants).toMatchObject([{ user_id: ALICE }]);
      expect((await participants(ALICE, adminsOnly)).participants).toHaveLength(2);
      expect(await chat.call(BOB, { _: 'channels.getSendAs', peer: chat.channelPeer(BOB, group) })).toMatchObject({ peers: [{ peer: { channel_id: group } }, { peer: { user_id: BOB } }] });
      expect(await chat.call(CAROL, { _: 'channels.getSendAs', peer: chat.channelPeer(CAROL, group) })).toMatchObject({ peers: [{ peer: { user_id: CAROL } }] });
    });

    it('who stay unnamed choose as whom they write, and others among their channels where that is open', async () => {
      const peer = (of: number) => chat.channelPeer(of, group);
      const as = (of: number, channel: number) => chat.channelPeer(of, channel);
      const save = (of: number, send_as: Api['messages.saveDefaultSendAs']['request']['send_as']) => chat.call(of, { _: 'messages.saveDefaultSendAs', peer: peer(of), send_as });
      const say = async (of: number, more: Partial<Api['messages.sendMessage']['request']> = {}) => {
        const told = updatesOf(await chat.call(of, { _: 'messages.sendMessage', peer: peer(of), message: 'who am I?', random_id: BigInt(Math.floor(Math.random() * 2 ** 40)), ...more })).at(-1);
        if (told?._ !== 'updateNewChannelMessage' && told?._ !== 'updateNewScheduledMessage') throw new Error(told?._);
        return told.message as { id: number; out?: boolean; from_id?: object };
      };
      const speakers = async (of: number) => (await chat.call(of, { _: 'channels.getSendAs', peer: peer(of) })).peers.map((each) => each.peer);
      await expect(save(BOB, peer(BOB))).rejects.toThrow('SEND_AS_PEER_INVALID');
      await promote(ALICE, BOB, { anonymous: true });
      expect((await say(BOB)).from_id).toEqual({ _: 'peerChannel', channel_id: group });
      await save(BOB, { _: 'inputPeerSelf' });
      expect((await full(BOB)).default_send_as).toEqual({ _: 'peerUser', user_id: BOB });
      expect((await say(BOB)).from_id).toEqual({ _: 'peerUser', user_id: BOB });
      expect((await say(BOB, { send_as: peer(BOB) })).from_id).toEqual({ _: 'peerChannel', channel_id: group });
      await save(BOB, peer(BOB));
      await promote(ALICE, BOB, {});
      expect((await full(BOB)).default_send_as).toBeUndefined();
      expect((await say(BOB)).from_id).toEqual({ _: 'peerUser', user_id: BOB });

      const news = await chat.channel(BOB, [], 'news of Bob', true);
      await expect(save(BOB, as(BOB, news))).rejects.toThrow('SEND_AS_PEER_INVALID');
      await chat.call(BOB, { _: 'channels.updateUsername', ...named(BOB, news), username: 'news_of_bob' });
      // The group is nobody's but its members'.
      expect(await speakers(BOB)).toEqual([{ _: 'peerUser', user_id: BOB }]);
      await expect(say(BOB, { send_as: as(BOB, news) })).rejects.toThrow('SEND_AS_PEER_INVALID');
      await chat.call(ALICE, { _: 'channels.updateUsername', ...named(ALICE), username: 'the_open_two' });
      expect(await speakers(BOB)).toEqual([{ _: 'peerUser', user_id: BOB }, { _: 'peerChannel', channel_id: news }]);
      await expect(say(ALICE, { send_as: as(ALICE, news) })).rejects.toThrow(/SEND_AS_PEER_INVALID|CHANNEL_INVALID/);
      await save(BOB, as(BOB, news));
      expect((await full(BOB)).default_send_as).toEqual({ _: 'peerChannel', channel_id: news });
      const said = await say(BOB);
      expect(said).toMatchObject({ out: true, from_id: { channel_id: news } });
      expect((await history(ALICE))[0]).toMatchObject({ id: said.id, from_id: { channel_id: news } });
      expect((await history(ALICE))[0]).not.toHaveProperty('out', true);
      expect(await say(BOB, { schedule_date: Math.floor(Date.now() / 1000) + 1000 })).toMatchObject({ from_id: { channel_id: news } });
      expect(updatesOf(await chat.call(BOB, { _: 'messages.editMessage', peer: peer(BOB), id: said.id, message: 'news!' }))).toMatchObject([{ message: { from_id: { channel_id: news }, message: 'news!' } }]);
      const log = await chat.call(ALICE, { _: 'channels.getAdminLog', ...named(ALICE), q: '', max_id: 0n, min_id: 0n, limit: 1 });
      expect(log.events).toMatchObject([{ user_id: BOB, action: { _: 'channelAdminLogEventActionEditMessage', new_message: { from_id: { channel_id: news } } } }]);
      // Who is banned as a channel writes as himself.
      await chat.call(ALICE, { _: 'channels.editBanned', ...named(ALICE), participant: as(ALICE, news), banned_rights: { _: 'chatBannedRights', until_date: 0, view_messages: true } }).catch(() => undefined);
      await chat.call(BOB, { _: 'channels.deleteMessages', ...named(BOB), id: [said.id] });
      await chat.call(BOB, { _: 'channels.updateUsername', ...named(BOB, news), username: '' });
      expect((await say(BOB)).from_id).toEqual({ _: 'peerUser', user_id: BOB });
      await chat.call(ALICE, { _: 'channels.updateUsername', ...named(ALICE), username: '' });
    });

    it('take away what somebody felt about messages, if they may delete those', async () => {
      await invite(ALICE, CAROL);
      const peer = (of: number) => chat.channelPeer(of, group);
      const ids: number[] = [];
      for (const message of ['one', 'two']) ids.push(sentId(await chat.call(ALICE, { _: 'messages.sendMessage', peer: peer(ALICE), message, random_id: BigInt(Math.floor(Math.random() * 2 ** 40)) })));
      const [one = 0, two = 0] = ids;
      for (const user of [BOB, CAROL]) for (const msg_id of ids) await chat.call(user, { _: 'messages.sendReaction', peer: peer(user), msg_id, reaction: [{ _: 'reactionEmoji', emoticon: '👍' }] });
      const taken = (by: number, of: number, msg_id = one) => chat.call(by, { _: 'messages.deleteParticipantReaction', peer: peer(by), msg_id, participant: chat.peer(by, of) });
      const allTaken = (by: number, of: number) => chat.call(by, { _: 'messages.deleteParticipantReactions', peer: peer(by), participant: chat.peer(by, of) });
      const counts = async () => {
        const updates = updatesOf(await chat.call(ALICE, { _: 'messages.getMessagesReactions', peer: peer(ALICE), id: ids }));
        return updates.map((update) => (update._ === 'updateMessageReactions' ? update.reactions.results[0]?.count ?? 0 : -1));
      };
      await promote(ALICE, BOB, { pin_messages: true });
      for (const asked of [taken(BOB, CAROL), allTaken(BOB, CAROL), taken(CAROL, CAROL)]) await expect(asked).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await promote(ALICE, BOB, { delete_messages: true });
      await expect(taken(BOB, CAROL, two + 99)).rejects.toThrow('MESSAGE_ID_INVALID');
      expect(kinds(updatesOf(await taken(BOB, CAROL)))).toEqual(['updateEditChannelMessage', 'updateMessageReactions']);
      expect(await counts()).toEqual([1, 2]);
      expect(updatesOf(await taken(BOB, CAROL))).toEqual([]);
      expect(await allTaken(ALICE, CAROL)).toBe(true);
      expect(await counts()).toEqual([1, 1]);
      expect(await allTaken(ALICE, BOB)).toBe(true);
      expect(await counts()).toEqual([0, 0]);
      const news = await chat.channel(ALICE, [BOB], 'news', true);
      await expect(chat.call(ALICE, { _: 'messages.deleteParticipantReactions', peer: chat.channelPeer(ALICE, news), participant: chat.peer(ALICE, BOB) })).rejects.toThrow('PEER_ID_INVALID');
    });

    it('hand a channel over only by a password, which nobody has', async () => {
      const handOver = (by: number) => chat.call(by, { _: 'messages.editChatCreator', peer: chat.channelPeer(by, group), user_id: chat.inputUser(by, CAROL), password: { _: 'inputCheckPasswordEmpty' } });
      await expect(handOver(ALICE)).rejects.toThrow('PASSWORD_MISSING');
      await expect(handOver(BOB)).rejects.toThrow('CHAT_ADMIN_REQUIRED');
    });
  });

  describe('bans', () => {
    it('take rights, or all of it', async () => {
      await expect(ban(BOB, ALICE, { send_messages: true })).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await ban(ALICE, BOB, { send_messages: true }, Math.floor(Date.now() / 1000) + 3600);
      expect(await participant(ALICE, BOB)).toMatchObject({ participant: { _: 'channelParticipantBanned', kicked_by: ALICE, banned_rights: { send_messages: true } } });
      expect((await participants(ALICE, { _: 'channelParticipantsBanned', q: '' })).participants).toMatchObject([{ peer: { user_id: BOB } }]);
      expect(updatesOf(await ban(ALICE, BOB, { view_messages: true }))).toMatchObject([{ _: 'updateChannel' }, { message: { action: { _: 'messageActionChatDeleteUser', user_id: BOB } } }]);
      await expect(full(BOB)).rejects.toThrow('CHANNEL_PRIVATE');
      expect((await participants(ALICE, { _: 'channelParticipantsKicked', q: '' })).participants).toMatchObject([{ _: 'channelParticipantBanned', left: true, peer: { user_id: BOB } }]);
      expect(await full(ALICE)).toMatchObject({ kicked_count: 1, banned_count: 0, participants_count: 1 });
      await ban(ALICE, BOB, {});
      await expect(participant(ALICE, BOB)).rejects.toThrow('USER_NOT_PARTICIPANT');
      await expect(ban(ALICE, ALICE, { view_messages: true })).rejects.toThrow('PARTICIPANT_ID_INVALID');
    });
  });

  describe('settings', () => {
    it('title and description', async () => {
      expect(updatesOf(await chat.call(BOB, { _: 'channels.editTitle', ...named(BOB), title: 'renamed' }))).toMatchObject([{ _: 'updateChannel' }, { message: { action: { _: 'messageActionChatEditTitle', title: 'renamed' } } }]);
      await expect(chat.call(BOB, { _: 'channels.editTitle', ...named(BOB), title: 'renamed' })).rejects.toThrow('CHAT_NOT_MODIFIED');
      const about = (text: string) => chat.call(ALICE, { _: 'messages.editChatAbout', peer: chat.channelPeer(ALICE, group), about: text });
      expect(await about('what it is for')).toBe(true);
      expect((await full(BOB)).about).toBe('what it is for');
      await expect(about('what it is for')).rejects.toThrow('CHAT_ABOUT_NOT_MODIFIED');
    });

    it('what members may not do by default', async () => {
      const set = (by: number, rights: object) => chat.call(by, { _: 'messages.editChatDefaultBannedRights', peer: chat.channelPeer(by, group), banned_rights: { _: 'chatBannedRights', until_date: 0, ...rights } });
      await expect(set(BOB, { invite_users: true })).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await expect(set(ALICE, { view_messages: true })).rejects.toThrow('BANNED_RIGHTS_INVALID');
      await set(ALICE, { invite_users: true, change_info: true });
      await expect(set(ALICE, { invite_users: true, change_info: true })).rejects.toThrow('CHAT_NOT_MODIFIED');
      await expect(invite(BOB, CAROL)).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await expect(chat.call(BOB, { _: 'channels.editTitle', ...named(BOB), title: 'mine' })).rejects.toThrow('CHAT_ADMIN_REQUIRED');
    });

    it('of supergroups and of broadcasts', async () => {
      const news = await chat.channel(ALICE, [], 'news', true);
      await expect(chat.call(BOB, { _: 'channels.toggleSlowMode', ...named(BOB), seconds: 10 })).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await expect(chat.call(ALICE, { _: 'channels.toggleSlowMode', ...named(ALICE), seconds: 11 })).rejects.toThrow('SECONDS_INVALID');
      await chat.call(ALICE, { _: 'channels.toggleSlowMode', ...named(ALICE), seconds: 10 });
      await expect(chat.call(ALICE, { _: 'channels.toggleSlowMode', ...named(ALICE), seconds: 10 })).rejects.toThrow('CHAT_NOT_MODIFIED');
      await expect(chat.call(ALICE, { _: 'channels.toggleSlowMode', ...named(ALICE, news), seconds: 10 })).rejects.toThrow('CHAT_ID_INVALID');
      await chat.call(ALICE, { _: 'channels.togglePreHistoryHidden', ...named(ALICE), enabled: true });
      await chat.call(ALICE, { _: 'messages.toggleNoForwards', peer: chat.channelPeer(ALICE, group), enabled: true });
      await chat.call(ALICE, { _: 'messages.setHistoryTTL', peer: chat.channelPeer(ALICE, group), period: 86_400 });
      await chat.call(ALICE, { _: 'messages.setChatAvailableReactions', peer: chat.channelPeer(ALICE, group), available_reactions: { _: 'chatReactionsSome', reactions: [{ _: 'reactionEmoji', emoticon: '👍' }] } });
      await expect(chat.call(ALICE, { _: 'channels.toggleJoinRequest', ...named(ALICE), enabled: true })).rejects.toThrow('CHAT_PUBLIC_REQUIRED');
      await expect(chat.call(ALICE, { _: 'channels.toggleParticipantsHidden', ...named(ALICE), enabled: true })).rejects.toThrow('PARTICIPANTS_TOO_FEW');
      expect(await full(BOB)).toMatchObject({ slowmode_seconds: 10, hidden_prehistory: true, ttl_period: 86_400, available_reactions: { _: 'chatReactionsSome', reactions: [{ emoticon: '👍' }] } });
      await chat.call(ALICE, { _: 'channels.toggleSignatures', ...named(ALICE, news), signatures_enabled: true });
      await expect(chat.call(ALICE, { _: 'channels.toggleSignatures', ...named(ALICE), signatures_enabled: true })).rejects.toThrow('CHAT_ID_INVALID');
    });

    it('a discussion group, which both sides say', async () => {
      const news = await chat.channel(ALICE, [], 'news', true);
      const link = (broadcast: number | undefined, to: number | undefined) => chat.call(ALICE, {
        _: 'channels.setDiscussionGroup', broadcast: broadcast ? chat.inputChannel(ALICE, broadcast) : { _: 'inputChannelEmpty' }, group: to ? chat.inputChannel(ALICE, to) : { _: 'inputChannelEmpty' },
      });
      expect((await chat.call(ALICE, { _: 'channels.getGroupsForDiscussion' })).chats.map(({ id }) => id)).toContain(group);
      await expect(link(group, news)).rejects.toThrow('BROADCAST_ID_INVALID');
      await link(news, group);
      expect((await full(ALICE, news)).linked_chat_id).toBe(group);
      expect((await full(ALICE)).linked_chat_id).toBe(news);
      await expect(link(news, group)).rejects.toThrow('LINK_NOT_MODIFIED');
      await link(news, undefined);
      expect((await full(ALICE)).linked_chat_id).toBeUndefined();
      expect((await full(ALICE, news)).linked_chat_id).toBeUndefined();
    });
  });

  describe('links', () => {
    const exported = async (by: number, more: Partial<Api['messages.exportChatInvite']['request']> = {}): Promise<ChatInviteExported> => {
      const link = await chat.call(by, { _: 'messages.exportChatInvite', peer: chat.channelPeer(by, group), ...more });
      if (link._ !== 'chatInviteExported') throw new Error(link._);
      return link;
    };
    const hash = ({ link }: ChatInviteExported) => link.slice('https://t.me/+'.length);
    const join = (by: number, link: ChatInviteExported) => chat.call(by, { _: 'messages.importChatInvite', hash: hash(link) });
    const importers = (more: Partial<Api['messages.getChatInviteImporters']['request']>) => {
      return chat.call(ALICE, { _: 'messages.getChatInviteImporters', peer: chat.channelPeer(ALICE, group), offset_date: 0, offset_user: { _: 'inputUserEmpty' }, limit: 10, ...more });
    };
    const pending = () => chat.pushes.filter(({ what }) => what.case === 'updates').length;

    it('let in who has them', async () => {
      await expect(exported(BOB)).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      const link = await exported(ALICE, { usage_limit: 1, title: 'for one' });
      expect(await chat.call(CAROL, { _: 'messages.checkChatInvite', hash: hash(link) })).toMatchObject({ _: 'chatInvite', channel: true, megagroup: true, title: 'the two', participants_count: 2 });
      const joined = await join(CAROL, link);
      if (joined._ !== 'messages.chatInviteJoinResultOk') throw new Error(joined._);
      expect(updatesOf(joined.updates)).toMatchObject([{ _: 'updateChannel' }, { message: { action: { _: 'messageActionChatJoinedByLink', inviter_id: ALICE } } }]);
      expect(await chat.call(CAROL, { _: 'messages.checkChatInvite', hash: hash(link) })).toMatchObject({ _: 'chatInviteAlready', chat: { id: group } });
      expect(await importers({ link: link.link })).toMatchObject({ count: 1, importers: [{ user_id: CAROL }] });
      await chat.call(CAROL, { _: 'channels.leaveChannel', ...named(CAROL) });
      await expect(join(CAROL, link)).rejects.toThrow('INVITE_HASH_EXPIRED');
    });

    it('ask, where admins want to say', async () => {
      await expect(exported(ALICE, { request_needed: true, usage_limit: 1 })).rejects.toThrow('USAGE_LIMIT_INVALID');
      const link = await exported(ALICE, { request_needed: true });
      expect(await chat.call(CAROL, { _: 'messages.checkChatInvite', hash: hash(link) })).toMatchObject({ request_needed: true });
      const before = pending();
      await expect(join(CAROL, link)).rejects.toThrow('INVITE_REQUEST_SENT');
      expect(pending()).toBeGreaterThan(before);
      expect(await full(ALICE)).toMatchObject({ requests_pending: 1, recent_requesters: [CAROL] });
      expect(await importers({ requested: true })).toMatchObject({ count: 1, importers: [{ requested: true, user_id: CAROL }] });
      expect(await chat.call(ALICE, { _: 'messages.getExportedChatInvite', peer: chat.channelPeer(ALICE, group), link: link.link })).toMatchObject({ invite: { requested: 1, request_needed: true } });
      const answer = (by: number, approved: boolean) => chat.call(by, { _: 'messages.hideChatJoinRequest', peer: chat.channelPeer(by, group), user_id: chat.inputUser(by, CAROL), approved });
      await expect(answer(BOB, true)).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      expect(updatesOf(await answer(ALICE, true))).toEqual(expect.arrayContaining([expect.objectContaining({ _: 'updatePendingJoinRequests', requests_pending: 0 })]));
      await expect(answer(ALICE, true)).rejects.toThrow('HIDE_REQUESTER_MISSING');
      expect(await participant(CAROL, CAROL)).toMatchObject({ participant: { via_request: true } });
      await chat.call(CAROL, { _: 'channels.leaveChannel', ...named(CAROL) });
      await expect(join(CAROL, link)).rejects.toThrow('INVITE_REQUEST_SENT');
      await chat.call(ALICE, { _: 'messages.hideAllChatJoinRequests', peer: chat.channelPeer(ALICE, group), link: link.link });
      await expect(chat.call(ALICE, { _: 'messages.hideAllChatJoinRequests', peer: chat.channelPeer(ALICE, group) })).rejects.toThrow('HIDE_REQUESTER_MISSING');
      await expect(full(CAROL)).rejects.toThrow('CHANNEL_PRIVATE');
    });
  });

  describe('public names', () => {
    const name = (by: number, username: string, id = group) => chat.call(by, { _: 'channels.updateUsername', ...named(by, id), username });
    const free = (by: number, username: string) => chat.call(by, { _: 'channels.checkUsername', channel: { _: 'inputChannelEmpty' }, username });

    it('are their creators\' to give, change and take back', async () => {
      await expect(name(BOB, 'the_two')).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await expect(name(ALICE, 'bobby')).rejects.toThrow('USERNAME_OCCUPIED');
      await expect(name(ALICE, 'x')).rejects.toThrow('USERNAME_INVALID');
      expect(await free(ALICE, 'the_two')).toBe(true);
      expect(await name(ALICE, 'the_two')).toBe(true);
      await expect(name(ALICE, 'the_two')).rejects.toThrow('USERNAME_NOT_MODIFIED');
      expect(await free(ALICE, 'the_two')).toBe(false);
      expect(await chat.call(ALICE, { _: 'channels.getAdminedPublicChannels' })).toMatchObject({ chats: [{ id: group }] });
      expect((await full(CAROL)).participants_count).toBe(2);
      const { id } = (await history(CAROL))[0] ?? { id: 0 };
      expect(await chat.call(CAROL, { _: 'channels.exportMessageLink', ...named(CAROL), id })).toMatchObject({ link: `https://t.me/the_two/${id}` });
      await expect(chat.call(ALICE, { _: 'channels.togglePreHistoryHidden', ...named(ALICE), enabled: true })).rejects.toThrow('CHAT_LINK_EXISTS');
      await name(ALICE, 'both_of_us');
      expect(await free(ALICE, 'the_two')).toBe(true);
      await name(ALICE, '');
      await expect(full(CAROL)).rejects.toThrow('CHANNEL_PRIVATE');
    });

    it('are one, always on', async () => {
      const toggle = (by: number, username: string, active: boolean) => chat.call(by, { _: 'channels.toggleUsername', ...named(by), username, active });
      const order = (by: number, ...names: string[]) => chat.call(by, { _: 'channels.reorderUsernames', ...named(by), order: names });
      await expect(toggle(ALICE, 'the_only_one', true)).rejects.toThrow('USERNAME_INVALID');
      await expect(order(ALICE)).rejects.toThrow('USERNAME_NOT_MODIFIED');
      await name(ALICE, 'the_only_one');
      await expect(toggle(ALICE, 'The_only_one', true)).rejects.toThrow('USERNAME_NOT_MODIFIED');
      for (const [username, active] of [['the_only_one', false], ['another', true], ['another', false]] as const) await expect(toggle(ALICE, username, active)).rejects.toThrow('USERNAME_INVALID');
      await expect(order(ALICE, 'the_only_one')).rejects.toThrow('USERNAME_NOT_MODIFIED');
      for (const names of [[], ['another'], ['the_only_one', 'another']]) await expect(order(ALICE, ...names)).rejects.toThrow('USERNAME_INVALID');
      await expect(chat.call(ALICE, { _: 'channels.deactivateAllUsernames', ...named(ALICE) })).rejects.toThrow('CHAT_NOT_MODIFIED');
      for (const asked of [toggle(BOB, 'the_only_one', false), order(BOB, 'the_only_one'), chat.call(BOB, { _: 'channels.deactivateAllUsernames', ...named(BOB) })]) await expect(asked).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await name(ALICE, '');
    });

    it('let everybody join, or ask to', async () => {
      await name(ALICE, 'open_house');
      const joined = await chat.call(CAROL, { _: 'channels.joinChannel', ...named(CAROL) });
      if (joined._ !== 'messages.chatInviteJoinResultOk') throw new Error(joined._);
      expect(updatesOf(joined.updates)).toMatchObject([{ _: 'updateChannel' }, { message: { action: { _: 'messageActionChatAddUser', users: [CAROL] } } }]);
      await expect(chat.call(CAROL, { _: 'channels.joinChannel', ...named(CAROL) })).rejects.toThrow('USER_ALREADY_PARTICIPANT');
      await chat.call(CAROL, { _: 'channels.leaveChannel', ...named(CAROL) });
      await chat.call(ALICE, { _: 'channels.toggleJoinRequest', ...named(ALICE), enabled: true });
      await expect(chat.call(CAROL, { _: 'channels.joinChannel', ...named(CAROL) })).rejects.toThrow('INVITE_REQUEST_SENT');
      await ban(ALICE, CAROL, { view_messages: true });
      await expect(full(CAROL)).rejects.toThrow('CHANNEL_PRIVATE');
      await expect(chat.call(CAROL, { _: 'channels.joinChannel', ...named(CAROL) })).rejects.toThrow('CHANNEL_PRIVATE');
      await chat.call(ALICE, { _: 'channels.deleteChannel', ...named(ALICE) });
      expect(await free(ALICE, 'open_house')).toBe(true);
    });

    it('are not more than one may have', async () => {
      const more: number[] = [];
      for (let each = 0; each < 10; each += 1) more.push(await chat.channel(ALICE, [], `number ${each}`));
      for (const [each, id] of more.entries()) await name(ALICE, `number_${each}_is`, id);
      await expect(name(ALICE, 'eleventh')).rejects.toThrow('CHANNELS_ADMIN_PUBLIC_TOO_MUCH');
      await expect(free(ALICE, 'eleventh')).rejects.toThrow('CHANNELS_ADMIN_PUBLIC_TOO_MUCH');
      await expect(chat.call(ALICE, { _: 'channels.getAdminedPublicChannels', check_limit: true })).rejects.toThrow('CHANNELS_ADMIN_PUBLIC_TOO_MUCH');
      for (const id of more) await chat.call(ALICE, { _: 'channels.deleteChannel', ...named(ALICE, id) });
    });
  });

  it('keep a log of what was done, for their admins', async () => {
    const log = async (by: number, more: Partial<Api['channels.getAdminLog']['request']> = {}) => {
      return (await chat.call(by, { _: 'channels.getAdminLog', ...named(by), q: '', max_id: 0n, min_id: 0n, limit: 50, ...more })).events;
    };
    const actions = async (more: Partial<Api['channels.getAdminLog']['request']> = {}) => (await log(ALICE, more)).map(({ action }) => action._.slice('channelAdminLogEventAction'.length));
    const filter = (names: object) => ({ events_filter: { _: 'channelAdminLogEventsFilter' as const, ...names } });
    await expect(log(BOB)).rejects.toThrow('CHAT_ADMIN_REQUIRED');
    await chat.call(BOB, { _: 'channels.editTitle', ...named(BOB), title: 'renamed' });
    await invite(BOB, CAROL);
    const id = sentId(await chat.call(CAROL, { _: 'messages.sendMessage', peer: chat.channelPeer(CAROL, group), message: 'first words', random_id: 1n }));
    await chat.call(CAROL, { _: 'messages.editMessage', peer: chat.channelPeer(CAROL, group), id, message: 'other words' });
    await chat.call(ALICE, { _: 'messages.updatePinnedMessage', peer: chat.channelPeer(ALICE, group), id });
    await chat.call(ALICE, { _: 'channels.deleteMessages', ...named(ALICE), id: [id] });
    await promote(ALICE, BOB, { pin_messages: true }, 'helper');
    await promote(ALICE, BOB, {});
    await ban(ALICE, CAROL, { send_messages: true });
    await ban(ALICE, CAROL, { view_messages: true });
    await ban(ALICE, CAROL, {});
    await chat.call(ALICE, { _: 'channels.toggleSlowMode', ...named(ALICE), seconds: 10 });
    const link = await chat.call(ALICE, { _: 'messages.exportChatInvite', peer: chat.channelPeer(ALICE, group), title: 'way in' });
    if (link._ !== 'chatInviteExported') throw new Error(link._);
    await chat.call(CAROL, { _: 'messages.importChatInvite', hash: link.link.slice('https://t.me/+'.length) });
    await chat.call(CAROL, { _: 'channels.leaveChannel', ...named(CAROL) });
    await chat.call(ALICE, { _: 'messages.editExportedChatInvite', peer: chat.channelPeer(ALICE, group), link: link.link, revoked: true });
    expect(await actions()).toEqual([
      'ExportedInviteRevoke', 'ParticipantLeave', 'ParticipantJoinByInvite', 'ToggleSlowMode', 'ParticipantToggleBan', 'ParticipantToggleBan', 'ParticipantToggleBan', 'ParticipantToggleAdmin',
      'ParticipantToggleAdmin', 'DeleteMessage', 'UpdatePinned', 'EditMessage', 'ParticipantInvite', 'ChangeTitle', 'ParticipantInvite',
    ]);
    expect(await actions(filter({ kick: true, edit: true, delete: true }))).toEqual(['ParticipantToggleBan', 'DeleteMessage', 'EditMessage']);
    expect(await actions(filter({ group_call: true }))).toEqual([]);
    expect(await actions({ admins: [chat.inputUser(ALICE, BOB)] })).toEqual(['ParticipantInvite', 'ChangeTitle']);
    expect(await actions({ q: 'first' })).toEqual(['EditMessage']);
    expect(await log(ALICE, filter({ edit: true, delete: true, info: true, promote: true, kick: true }))).toMatchObject([
      { user_id: ALICE, action: { prev_participant: { _: 'channelParticipantBanned', banned_rights: { send_messages: true } }, new_participant: { _: 'channelParticipantBanned', left: true, banned_rights: { view_messages: true } } } },
      { action: { prev_participant: { _: 'channelParticipant', user_id: BOB }, new_participant: { _: 'channelParticipantAdmin', rank: 'helper', admin_rights: { pin_messages: true } } } },
      { user_id: ALICE, action: { message: { id, message: 'other words', from_id: { user_id: CAROL } } } },
      { user_id: CAROL, action: { prev_message: { message: 'first words' }, new_message: { message: 'other words' } } },
      { user_id: BOB, action: { prev_value: 'the two', new_value: 'renamed' } },
    ]);
    const [first, second] = await log(ALICE, { limit: 2 });
    expect((await log(ALICE, { limit: 1, max_id: first?.id ?? 0n })).map((event) => event.id)).toEqual([second?.id]);
    expect(await log(ALICE, { min_id: second?.id ?? 0n })).toHaveLength(1);
  });

  it('forget their messages, for one or for all', async () => {
    const clear = (by: number, for_everyone = false) => chat.call(by, { _: 'channels.deleteHistory', ...named(by), max_id: 0, for_everyone });
    expect(updatesOf(await clear(BOB))).toMatchObject([{ _: 'updateChannelAvailableMessages', channel_id: group }]);
    expect((await full(BOB)).available_min_id).toBeGreaterThan(0);
    expect((await full(ALICE)).available_min_id).toBeUndefined();
    const id = (await full(BOB)).available_min_id ?? 0;
    await expect(chat.call(BOB, { _: 'channels.exportMessageLink', ...named(BOB), id })).rejects.toThrow('MESSAGE_ID_INVALID');
    expect(await chat.call(ALICE, { _: 'channels.exportMessageLink', ...named(ALICE), id })).toMatchObject({ link: `https://t.me/c/${group}/${id}` });
    await expect(clear(BOB, true)).rejects.toThrow('CHAT_ADMIN_REQUIRED');
    await expect(chat.call(BOB, { _: 'channels.deleteParticipantHistory', ...named(BOB), participant: chat.peer(BOB, ALICE) })).rejects.toThrow('CHAT_ADMIN_REQUIRED');
    expect(await chat.call(ALICE, { _: 'channels.deleteParticipantHistory', ...named(ALICE), participant: chat.peer(ALICE, ALICE) })).toMatchObject({ pts_count: 2, offset: 0 });
    await expect(chat.call(ALICE, { _: 'channels.exportMessageLink', ...named(ALICE), id })).rejects.toThrow('MESSAGE_ID_INVALID');
    await chat.call(BOB, { _: 'channels.editTitle', ...named(BOB), title: 'emptied' });
    expect(kinds(updatesOf(await clear(ALICE, true)))).toContain('updateDeleteChannelMessages');
  });

  it('end for everybody', async () => {
    await expect(chat.call(BOB, { _: 'channels.deleteChannel', ...named(BOB) })).rejects.toThrow('CHAT_ADMIN_REQUIRED');
    await chat.call(ALICE, { _: 'channels.deleteChannel', ...named(ALICE) });
    for (const user of [ALICE, BOB]) await expect(full(user)).rejects.toThrow('CHANNEL_PRIVATE');
  });

  it('are shared with others, are online, and are listed as one\'s own', async () => {
    const shared = await chat.call(ALICE, { _: 'messages.getCommonChats', user_id: chat.inputUser(ALICE, BOB), max_id: 0, limit: 100 });
    expect(shared.chats.map(({ id }) => id)).toContain(group);
    expect(await chat.call(ALICE, { _: 'messages.getOnlines', peer: chat.channelPeer(ALICE, group) })).toMatchObject({ onlines: 1 });
    await expect(chat.call(ALICE, { _: 'channels.getLeftChannels', offset: 0 })).rejects.toThrow('TAKEOUT_REQUIRED');
    expect(await chat.call(ALICE, { _: 'channels.getInactiveChannels' })).toMatchObject({ chats: [] });
    expect(await chat.call(ALICE, { _: 'channels.getAdminedPublicChannels' })).toMatchObject({ chats: [] });
  });

  it('come of basic groups, with the same people', async () => {
    const basic = await chat.group(ALICE, [BOB, CAROL], 'the old three');
    await chat.sayIn(BOB, basic, 'hello');
    await expect(chat.call(BOB, { _: 'messages.migrateChat', chat_id: basic })).rejects.toThrow('CHAT_ADMIN_REQUIRED');
    const updates = updatesOf(await chat.call(ALICE, { _: 'messages.migrateChat', chat_id: basic }));
    const told = updates.find((update) => update._ === 'updateChannel');
    const id = told?.channel_id ?? 0;
    expect(updates).toMatchObject([{ _: 'updateNewMessage', message: { action: { _: 'messageActionChatMigrateTo', channel_id: id } } }, {}, {}].slice(0, updates.length));
    expect(await full(ALICE, id)).toMatchObject({ participants_count: 3, migrated_from_chat_id: basic });
    await eventually(async () => (await full(CAROL, id)).migrated_from_chat_id === basic);
    await expect(chat.sayIn(BOB, basic, 'still there?')).rejects.toThrow();
    expect(kinds(updatesOf(await chat.call(ALICE, { _: 'messages.migrateChat', chat_id: basic })))).toEqual(['updateChannel']);
  });
});
