import { eventually } from '@heliograph/testing/eventually';
import type { Api, ChatFull, ChatInviteExported, Message, MessageService, TypeUpdate } from '@heliograph/tl/api';
import { ALICE, BOB, CAROL, messagesOf, openChat, texts, updatesOf, type Chat } from '../../testing/chat';

describe('basic groups', () => {
  let chat: Chat;
  let group: number;
  beforeEach(async () => {
    chat = await openChat();
    group = await chat.group(ALICE, [BOB, CAROL], 'the three');
  });
  afterEach(() => chat.close());

  const peer = () => ({ _: 'inputPeerChat' as const, chat_id: group });
  const say = (from: number, message: string, more: Partial<Api['messages.sendMessage']['request']> = {}) => chat.sayIn(from, group, message, more);
  const history = (of: number) => chat.historyIn(of, group);
  const seen = (of: number, count: number) => eventually(async () => {
    const messages = await history(of);
    return messages.length === count ? messages : undefined;
  });
  const kinds = (updates: readonly TypeUpdate[]) => updates.map((update) => update._);
  const add = (by: number, user: number) => chat.call(by, { _: 'messages.addChatUser', chat_id: group, user_id: chat.inputUser(by, user), fwd_limit: 10 });
  const remove = (by: number, user: number, revoke_history = false) => chat.call(by, { _: 'messages.deleteChatUser', chat_id: group, user_id: chat.inputUser(by, user), revoke_history });
  const full = async (of: number) => (await chat.call(of, { _: 'messages.getFullChat', chat_id: group })).full_chat as ChatFull;
  const dialog = async (of: number) => {
    const { dialogs } = await chat.call(of, { _: 'messages.getPeerDialogs', peers: [{ _: 'inputDialogPeer', peer: peer() }] });
    if (dialogs[0]?._ !== 'dialog') throw new Error('no dialog');
    return dialogs[0];
  };

  describe('messages.createChat', () => {
    it('tells everybody, and names who could not be brought in', async () => {
      await chat.block(CAROL, ALICE);
      const answer = await chat.call(ALICE, { _: 'messages.createChat', users: [chat.inputUser(ALICE, BOB), chat.inputUser(ALICE, CAROL), chat.inputUser(ALICE, 34_000_098)], title: '  two\nof us ' });
      expect(answer.missing_invitees).toEqual([CAROL, 34_000_098].map((user_id) => ({ _: 'missingInvitee', user_id })));
      const updates = updatesOf(answer.updates);
      expect(kinds(updates)).toEqual(['updateMessageID', 'updateChatParticipants', 'updateNewMessage', 'updateChat']);
      expect(updates[0]).toMatchObject({ id: (updates[2] as { message: { id: number } }).message.id });
      expect(updates[1]).toMatchObject({ participants: { participants: [{ _: 'chatParticipantCreator', user_id: ALICE }, { _: 'chatParticipant', user_id: BOB, inviter_id: ALICE }], version: 1 } });
      const id = (updates[1] as { participants: { chat_id: number } }).participants.chat_id;
      expect(id % 32).toBe(2);
      expect(updates[2]).toMatchObject({ message: { _: 'messageService', out: true, peer_id: { _: 'peerChat', chat_id: id }, action: { _: 'messageActionChatCreate', title: 'two of us', users: [ALICE, BOB] } } });
      const theirs = await eventually(async () => (await chat.historyIn(BOB, id).catch(() => []))[0]);
      expect(theirs).toMatchObject({ _: 'messageService', from_id: { user_id: ALICE } });
      await expect(chat.historyIn(CAROL, id)).rejects.toThrow('PEER_ID_INVALID');
    });

    it.each([
      ['an empty title', { title: ' \n' }, 'CHAT_TITLE_EMPTY'],
      ['a negative period', { title: 'x', ttl_period: -1 }, 'TTL_PERIOD_INVALID'],
    ])('refuses %s', async (_name, more, error) => {
      await expect(chat.call(ALICE, { _: 'messages.createChat', users: [chat.inputUser(ALICE, BOB)], ...more })).rejects.toThrow(error);
    });

    it('refuses a foreign user and more than two hundred', async () => {
      await expect(chat.call(ALICE, { _: 'messages.createChat', users: [chat.inputUser(BOB, CAROL)], title: 'x' })).rejects.toThrow('USER_ID_INVALID');
      const many = Array.from({ length: 200 }, (_, i) => chat.inputUser(ALICE, 35_000_002 + 32 * i));
      await expect(chat.call(ALICE, { _: 'messages.createChat', users: many, title: 'x' })).rejects.toThrow('USERS_TOO_MUCH');
    });
  });

  describe('messages', () => {
    it('reach every member by their own ids, once for each random_id', async () => {
      await chat.say(BOB, BOB, 'so that ids differ');
      const answer = await chat.call(ALICE, { _: 'messages.sendMessage', peer: peer(), message: 'hello all', random_id: 7n });
      expect(updatesOf(answer)).toMatchObject([{ _: 'updateMessageID', random_id: 7n }, { _: 'updateNewMessage', pts_count: 1, message: { out: true, message: 'hello all', peer_id: { chat_id: group }, from_id: { user_id: ALICE } } }]);
      expect(updatesOf(await chat.call(ALICE, { _: 'messages.sendMessage', peer: peer(), message: 'hello all', random_id: 7n }))).toEqual(updatesOf(answer));
      for (const user of [BOB, CAROL]) {
        const [message] = await seen(user, 2);
        expect(message).toMatchObject({ message: 'hello all', from_id: { user_id: ALICE }, peer_id: { _: 'peerChat', chat_id: group } });
        expect(message?.out).toBeFalsy();
      }
      expect(texts(await history(ALICE))).toEqual(['hello all', 'messageService']);
    });

    it('are edited, deleted and replied to for all', async () => {
      const id = await say(ALICE, 'teh');
      await seen(BOB, 2);
      expect(updatesOf(await chat.call(ALICE, { _: 'messages.editMessage', peer: peer(), id, message: 'the' }))).toMatchObject([{ _: 'updateEditMessage', message: { id, message: 'the' } }]);
      const theirs = await eventually(async () => (await history(BOB)).find((message) => message._ === 'message' && message.message === 'the'));
      await expect(chat.call(BOB, { _: 'messages.editMessage', peer: peer(), id: theirs.id, message: 'mine' })).rejects.toThrow('MESSAGE_AUTHOR_REQUIRED');
      await say(BOB, 'indeed', { reply_to: { _: 'inputReplyToMessage', reply_to_msg_id: theirs.id } });
      const [reply] = await seen(ALICE, 3);
      expect(reply).toMatchObject({ message: 'indeed', mentioned: true, reply_to: { reply_to_msg_id: id } });
      await expect(chat.call(BOB, { _: 'messages.deleteMessages', id: [theirs.id], revoke: true })).rejects.toThrow('MESSAGE_DELETE_FORBIDDEN');
      await chat.call(ALICE, { _: 'messages.deleteMessages', id: [id, reply?.id ?? 0], revoke: true });
      expect(texts(await seen(BOB, 1))).toEqual(['messageService']);
    });

    it('mention those whom they name, who see that until they read it', async () => {
      await say(ALICE, 'hi @BobbY and you', { entities: [{ _: 'inputMessageEntityMentionName', offset: 14, length: 3, user_id: chat.inputUser(ALICE, CAROL) }] });
      for (const user of [BOB, CAROL]) {
        const [message] = await seen(user, 2);
        expect(message).toMatchObject({ mentioned: true, media_unread: true });
        expect(await dialog(user)).toMatchObject({ unread_mentions_count: 1, unread_count: 2 });
        const mentions = await chat.call(user, { _: 'messages.getUnreadMentions', peer: peer(), offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0 });
        expect(messagesOf(mentions)).toMatchObject([{ id: message?.id }]);
        expect(await chat.call(user, { _: 'messages.readMentions', peer: peer() })).toMatchObject({ pts_count: 1, offset: 0 });
        const found = await chat.call(user, { _: 'messages.search', peer: peer(), q: '', filter: { _: 'inputMessagesFilterMyMentions' }, min_date: 0, max_date: 0, offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0, hash: 0n });
        expect(messagesOf(found)).toMatchObject([{ id: message?.id }]);
        expect(await dialog(user)).toMatchObject({ unread_mentions_count: 0 });
      }
      expect(await chat.call(BOB, { _: 'messages.readMentions', peer: peer() })).toMatchObject({ pts_count: 0, offset: 0 });
    });

    it('are read, which their authors are told', async () => {
      const id = await say(ALICE, 'read me');
      const [theirs] = await seen(BOB, 2);
      expect((await dialog(ALICE)).read_outbox_max_id).toBe(0);
      await chat.call(BOB, { _: 'messages.readHistory', peer: peer(), max_id: theirs?.id ?? 0 });
      expect((await dialog(BOB)).unread_count).toBe(0);
      await eventually(async () => (await dialog(ALICE)).read_outbox_max_id === id);
      expect(await chat.call(ALICE, { _: 'messages.getMessageReadParticipants', peer: peer(), msg_id: id })).toMatchObject([{ user_id: BOB }]);
      await expect(chat.call(BOB, { _: 'messages.getMessageReadParticipants', peer: peer(), msg_id: theirs?.id ?? 0 })).rejects.toThrow('MSG_ID_INVALID');
    });

    it('are found, forwarded into and out of the group, and kept as drafts', async () => {
      const id = await say(ALICE, 'a needle here');
      await seen(BOB, 2);
      const find = (request: Partial<Api['messages.search']['request']>) => chat.call(BOB, {
        _: 'messages.search', peer: peer(), q: 'needle', filter: { _: 'inputMessagesFilterEmpty' }, min_date: 0, max_date: 0, offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0, hash: 0n, ...request,
      });
      expect(texts(messagesOf(await find({})))).toEqual(['a needle here']);
      expect(texts(messagesOf(await find({ from_id: chat.peer(BOB, CAROL) })))).toEqual([]);
      expect(texts(messagesOf(await find({ peer: { _: 'inputPeerEmpty' } })))).toEqual(['a needle here']);
      const everywhere = async (only: Partial<Api['messages.searchGlobal']['request']>) => texts(messagesOf(await chat.call(BOB, {
        _: 'messages.searchGlobal', q: 'needle', filter: { _: 'inputMessagesFilterEmpty' }, min_date: 0, max_date: 0, offset_rate: 0, offset_peer: { _: 'inputPeerEmpty' }, offset_id: 0, limit: 10, ...only,
      })));
      expect(await everywhere({ groups_only: true })).toEqual(['a needle here']);
      expect(await everywhere({ users_only: true })).toEqual([]);
      expect(await everywhere({ broadcasts_only: true })).toEqual([]);
      await chat.call(ALICE, { _: 'messages.forwardMessages', from_peer: peer(), to_peer: chat.peer(ALICE, BOB), id: [id], random_id: [1n] });
      const [copy] = await eventually(async () => {
        const messages = await chat.history(BOB, ALICE);
        return messages.length === 1 ? (messages as Message[]) : undefined;
      });
      expect(copy?.fwd_from).toMatchObject({ from_id: { user_id: ALICE } });
      await chat.call(BOB, { _: 'messages.forwardMessages', from_peer: chat.peer(BOB, ALICE), to_peer: peer(), id: [copy?.id ?? 0], random_id: [2n] });
      expect(texts(await seen(CAROL, 3))[0]).toBe('a needle here');
      await chat.call(BOB, { _: 'messages.saveDraft', peer: peer(), message: 'half' });
      expect(updatesOf(await chat.call(BOB, { _: 'messages.getAllDrafts' }))).toMatchObject([{ peer: { chat_id: group }, draft: { message: 'half' } }]);
    });

    it('are pinned for all by whoever may, with a notice', async () => {
      const id = await say(ALICE, 'important');
      const updates = updatesOf(await chat.call(ALICE, { _: 'messages.updatePinnedMessage', peer: peer(), id }));
      expect(updates).toMatchObject([{ _: 'updateNewMessage', message: { action: { _: 'messageActionPinMessage' }, reply_to: { reply_to_msg_id: id } } }]);
      expect(updatesOf(await chat.call(ALICE, { _: 'messages.updatePinnedMessage', peer: peer(), id }))).toEqual([]);
      const pinned = (await seen(BOB, 3))[1];
      await eventually(async () => (await full(BOB)).pinned_msg_id === pinned?.id);
      expect(await chat.call(ALICE, { _: 'messages.unpinAllMessages', peer: peer() })).toMatchObject({ pts_count: 1, offset: 0 });
      await eventually(async () => (await full(BOB)).pinned_msg_id === undefined);
    });

    it('typing is told to the other members', async () => {
      await chat.call(BOB, { _: 'messages.setTyping', peer: peer(), action: { _: 'sendMessageTypingAction' } });
      expect(chat.pushes.map(({ userIds }) => userIds)).toEqual([[BigInt(ALICE), BigInt(CAROL)]]);
    });
  });

  describe('members', () => {
    it('are removed and see nothing later; who was removed comes back by an admin', async () => {
      expect(kinds(updatesOf(await remove(ALICE, BOB)))).toEqual(['updateNewMessage', 'updateChatParticipantDelete']);
      await say(ALICE, 'without bob');
      await seen(CAROL, 3);
      expect(await seen(BOB, 2)).toMatchObject([{ action: { _: 'messageActionChatDeleteUser', user_id: BOB } }, { action: { _: 'messageActionChatCreate' } }]);
      await expect(say(BOB, 'let me in')).rejects.toThrow('CHAT_WRITE_FORBIDDEN');
      await expect(add(CAROL, BOB)).rejects.toThrow('USER_KICKED');
      await expect(add(BOB, BOB)).rejects.toThrow('USER_NOT_PARTICIPANT');
      await expect(chat.call(BOB, { _: 'messages.setTyping', peer: peer(), action: { _: 'sendMessageTypingAction' } })).rejects.toThrow('CHAT_WRITE_FORBIDDEN');
      expect(await full(BOB)).toMatchObject({ participants: { _: 'chatParticipantsForbidden' }, about: '' });
      expect(updatesOf((await add(ALICE, BOB)).updates)).toMatchObject([{ message: { action: { _: 'messageActionChatAddUser', users: [BOB] } } }, { _: 'updateChatParticipantAdd', user_id: BOB, inviter_id: ALICE, version: 3 }]);
      await seen(BOB, 3);
      await expect(add(ALICE, BOB)).rejects.toThrow('USER_ALREADY_PARTICIPANT');
    });

    it('leave and return by themselves; those who are no admins remove only whom they brought', async () => {
      await expect(remove(CAROL, BOB)).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await remove(BOB, BOB);
      await expect(remove(ALICE, BOB)).rejects.toThrow('USER_NOT_PARTICIPANT');
      await add(BOB, BOB);
      expect(await say(BOB, 'back')).toBeGreaterThan(0);
      await remove(BOB, BOB);
      await add(CAROL, BOB);
      await remove(CAROL, BOB);
    });

    it('take along what they wrote when their history is revoked', async () => {
      await say(BOB, 'spam');
      await say(CAROL, 'no spam');
      await seen(ALICE, 3);
      await expect(remove(CAROL, BOB, true)).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await remove(ALICE, BOB, true);
      await eventually(async () => texts(await history(CAROL)).join() === 'messageService,no spam,messageService');
    });

    it('who blocks the caller is not brought in', async () => {
      await remove(CAROL, CAROL);
      await chat.block(CAROL, ALICE);
      expect(await add(ALICE, CAROL)).toMatchObject({ missing_invitees: [{ user_id: CAROL }], updates: { updates: [] } });
      await chat.block(CAROL, ALICE, false);
      await chat.block(ALICE, CAROL);
      await expect(add(ALICE, CAROL)).rejects.toThrow('YOU_BLOCKED_USER');
      chat.deleted.add(BOB);
      await chat.block(ALICE, BOB, false);
      await expect(add(ALICE, BOB)).rejects.toThrow('INPUT_USER_DEACTIVATED');
    });

    it('are listed with their parts; admins are named by the creator', async () => {
      await expect(chat.call(BOB, { _: 'messages.editChatAdmin', chat_id: group, user_id: chat.inputUser(BOB, CAROL), is_admin: true })).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await chat.call(ALICE, { _: 'messages.editChatAdmin', chat_id: group, user_id: chat.inputUser(ALICE, BOB), is_admin: true });
      expect((await full(CAROL)).participants).toMatchObject({
        _: 'chatParticipants', version: 2, participants: [{ _: 'chatParticipantCreator', user_id: ALICE }, { _: 'chatParticipantAdmin', user_id: BOB }, { _: 'chatParticipant', user_id: CAROL, inviter_id: ALICE }],
      });
      await remove(BOB, CAROL);
      await expect(remove(BOB, ALICE)).rejects.toThrow('USER_ADMIN_INVALID');
    });

    it('have another creator at once when theirs leaves', async () => {
      const heir = (of: number) => chat.call(of, { _: 'messages.getFutureChatCreatorAfterLeave', peer: peer() });
      await chat.call(ALICE, { _: 'messages.editChatAdmin', chat_id: group, user_id: chat.inputUser(ALICE, CAROL), is_admin: true });
      expect(await heir(ALICE)).toEqual({ _: 'userEmpty', id: CAROL });
      await expect(heir(CAROL)).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await remove(ALICE, ALICE);
      expect((await full(BOB)).participants).toMatchObject({ participants: [{ _: 'chatParticipant', user_id: BOB }, { _: 'chatParticipantCreator', user_id: CAROL }] });
      await expect(heir(ALICE)).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await remove(CAROL, BOB);
    });

    it('are called what they, or admins, say', async () => {
      const rank = (by: number, user: number, text: string) => chat.call(by, { _: 'messages.editChatParticipantRank', peer: peer(), participant: chat.peer(by, user), rank: text });
      const { version } = (await full(ALICE)).participants as { version: number };
      expect(updatesOf(await rank(BOB, BOB, 'cook'))).toMatchObject([{ _: 'updateChatParticipantRank', chat_id: group, user_id: BOB, rank: 'cook', version: version + 1 }]);
      expect((await full(CAROL)).participants).toMatchObject({ version: version + 1, participants: [{ user_id: ALICE }, { user_id: BOB, rank: 'cook' }, { user_id: CAROL }] });
      await rank(ALICE, ALICE, 'host');
      expect((await full(CAROL)).participants).toMatchObject({ participants: [{ _: 'chatParticipantCreator', rank: 'host' }, {}, {}] });
      expect(updatesOf(await rank(ALICE, BOB, ''))).toMatchObject([{ _: 'updateChatParticipantRank', user_id: BOB, rank: '' }]);
      await expect(rank(BOB, CAROL, 'x')).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await expect(rank(BOB, BOB, 'x'.repeat(17))).rejects.toThrow('ADMIN_RANK_INVALID');
    });

    it('share groups', async () => {
      const common = async (of: number, user: number) => {
        const { chats } = await chat.call(of, { _: 'messages.getCommonChats', user_id: chat.inputUser(of, user), max_id: 0, limit: 100 });
        return chats.map(({ id }) => id);
      };
      await seen(BOB, 1);
      await seen(CAROL, 1);
      expect(await common(ALICE, BOB)).toEqual([group]);
      await remove(BOB, BOB);
      expect(await common(ALICE, BOB)).toEqual([]);
      expect(await common(CAROL, ALICE)).toEqual([group]);
    });
  });

  describe('settings', () => {
    it('title and description', async () => {
      const updates = updatesOf(await chat.call(BOB, { _: 'messages.editChatTitle', chat_id: group, title: 'renamed' }));
      expect(updates).toMatchObject([{ message: { action: { _: 'messageActionChatEditTitle', title: 'renamed' } } }, { _: 'updateChat', chat_id: group }]);
      await expect(chat.call(BOB, { _: 'messages.editChatTitle', chat_id: group, title: ' renamed' })).rejects.toThrow('CHAT_NOT_MODIFIED');
      expect(await chat.call(BOB, { _: 'messages.editChatAbout', peer: peer(), about: 'what it is for' })).toBe(true);
      expect((await full(ALICE)).about).toBe('what it is for');
      await expect(chat.call(BOB, { _: 'messages.editChatAbout', peer: peer(), about: 'what it is for ' })).rejects.toThrow('CHAT_ABOUT_NOT_MODIFIED');
      await expect(chat.call(BOB, { _: 'messages.editChatAbout', peer: peer(), about: 'x'.repeat(256) })).rejects.toThrow('CHAT_ABOUT_TOO_LONG');
    });

    it('what members may not do, they are refused, and admins are not', async () => {
      const ban = (by: number, rights: object, until_date = 0) => chat.call(by, { _: 'messages.editChatDefaultBannedRights', peer: peer(), banned_rights: { _: 'chatBannedRights', until_date, ...rights } });
      await expect(ban(BOB, { send_messages: true })).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await expect(ban(ALICE, { view_messages: true })).rejects.toThrow('BANNED_RIGHTS_INVALID');
      await expect(ban(ALICE, {}, 1_900_000_000)).rejects.toThrow('UNTIL_DATE_INVALID');
      await expect(ban(ALICE, {})).rejects.toThrow('CHAT_NOT_MODIFIED');
      expect(kinds(updatesOf(await ban(ALICE, { send_messages: true, change_info: true, invite_users: true, pin_messages: true })))).toEqual(['updateChatDefaultBannedRights']);
      await expect(say(BOB, 'x')).rejects.toThrow('CHAT_WRITE_FORBIDDEN');
      await expect(chat.call(BOB, { _: 'messages.editChatTitle', chat_id: group, title: 'y' })).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await expect(chat.call(BOB, { _: 'messages.updatePinnedMessage', peer: peer(), id: (await history(BOB))[0]?.id ?? 0 })).rejects.toThrow();
      expect(await say(ALICE, 'x')).toBeGreaterThan(0);
      await ban(ALICE, { send_plain: true });
      await expect(say(BOB, 'x')).rejects.toThrow('CHAT_SEND_PLAIN_FORBIDDEN');
    });

    it('protection, which holds for what was written before, and periods', async () => {
      const id = await say(ALICE, 'secret');
      const [theirs] = await seen(BOB, 2);
      const protect = (by: number, enabled: boolean) => chat.call(by, { _: 'messages.toggleNoForwards', peer: peer(), enabled });
      await expect(protect(BOB, true)).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await protect(ALICE, true);
      await expect(protect(ALICE, true)).rejects.toThrow('CHAT_NOT_MODIFIED');
      await expect(chat.call(ALICE, { _: 'messages.forwardMessages', from_peer: peer(), to_peer: { _: 'inputPeerSelf' }, id: [id], random_id: [1n] })).rejects.toThrow('CHAT_FORWARDS_RESTRICTED');
      await eventually(() => chat.call(BOB, { _: 'messages.forwardMessages', from_peer: peer(), to_peer: { _: 'inputPeerSelf' }, id: [theirs?.id ?? 0], random_id: [1n] }).then(() => false, () => true));
      expect(updatesOf(await chat.call(ALICE, { _: 'messages.setHistoryTTL', peer: peer(), period: 86_400 }))).toMatchObject([{ message: { action: { _: 'messageActionSetMessagesTTL', period: 86_400 } } }, { _: 'updatePeerHistoryTTL', peer: { chat_id: group }, ttl_period: 86_400 }, { _: 'updateChat' }]);
      expect((await full(BOB)).ttl_period).toBe(86_400);
      await expect(chat.call(ALICE, { _: 'messages.setHistoryTTL', peer: peer(), period: -1 })).rejects.toThrow('TTL_PERIOD_INVALID');
    });

    it('nothing of it is for who was never told of the group', async () => {
      const stranger = await chat.group(BOB, [], 'of bob alone');
      const foreign = { _: 'inputPeerChat' as const, chat_id: stranger };
      await expect(chat.call(ALICE, { _: 'messages.getChats', id: [group, stranger] })).rejects.toThrow('CHAT_ID_INVALID');
      await expect(chat.call(ALICE, { _: 'messages.getFullChat', chat_id: stranger })).rejects.toThrow('CHAT_ID_INVALID');
      await expect(chat.call(ALICE, { _: 'messages.editChatTitle', chat_id: stranger, title: 'mine' })).rejects.toThrow('CHAT_ID_INVALID');
      await expect(chat.call(ALICE, { _: 'messages.sendMessage', peer: foreign, message: 'x', random_id: 1n })).rejects.toThrow('PEER_ID_INVALID');
      await expect(chat.call(ALICE, { _: 'messages.exportChatInvite', peer: foreign })).rejects.toThrow('PEER_ID_INVALID');
      expect(await chat.call(ALICE, { _: 'messages.getChats', id: [group] })).toMatchObject({ chats: [{ id: group }] });
    });
  });

  describe('invite links', () => {
    const invite = async (by: number, more: Partial<Api['messages.exportChatInvite']['request']> = {}) => {
      const exported = await chat.call(by, { _: 'messages.exportChatInvite', peer: peer(), ...more });
      if (exported._ !== 'chatInviteExported') throw new Error(exported._);
      return exported;
    };
    const hash = ({ link }: ChatInviteExported) => link.slice('https://t.me/+'.length);
    const join = (by: number, of: ChatInviteExported) => chat.call(by, { _: 'messages.importChatInvite', hash: hash(of) });
    const check = (by: number, of: ChatInviteExported) => chat.call(by, { _: 'messages.checkChatInvite', hash: hash(of) });
    const list = async (by: number, of = by, revoked = false) => {
      const answer = await chat.call(by, { _: 'messages.getExportedChatInvites', peer: peer(), admin_id: chat.inputUser(by, of), revoked, limit: 100 });
      return answer.invites as ChatInviteExported[];
    };

    it('let who has them in, as often as they say', async () => {
      await remove(BOB, BOB);
      await remove(CAROL, CAROL);
      const link = await invite(ALICE, { usage_limit: 1, title: 'for one' });
      expect(link).toMatchObject({ admin_id: ALICE, usage_limit: 1, title: 'for one' });
      expect(await check(BOB, link)).toMatchObject({ _: 'chatInvite', title: 'the three', participants_count: 1 });
      const joined = await join(BOB, link);
      if (joined._ !== 'messages.chatInviteJoinResultOk') throw new Error(joined._);
      expect(updatesOf(joined.updates)).toMatchObject([{ message: { action: { _: 'messageActionChatJoinedByLink', inviter_id: ALICE } } }, { _: 'updateChatParticipantAdd', user_id: BOB, inviter_id: ALICE }]);
      expect(await check(BOB, link)).toMatchObject({ _: 'chatInviteAlready' });
      await expect(join(BOB, link)).rejects.toThrow('INVITE_HASH_EXPIRED');
      await expect(join(CAROL, link)).rejects.toThrow('INVITE_HASH_EXPIRED');
      await expect(check(CAROL, link)).rejects.toThrow('INVITE_HASH_EXPIRED');
      expect(await chat.call(ALICE, { _: 'messages.editExportedChatInvite', peer: peer(), link: link.link, usage_limit: 2, title: 'for two' })).toMatchObject({ invite: { usage: 1, usage_limit: 2, title: 'for two' } });
      await join(CAROL, link);
      await expect(join(CAROL, await invite(ALICE))).rejects.toThrow('USER_ALREADY_PARTICIPANT');
    });

    it('keep out who was removed, and lead nowhere when they were ended or tampered with', async () => {
      const link = await invite(ALICE);
      await remove(ALICE, BOB);
      await expect(join(BOB, link)).rejects.toThrow('INVITE_HASH_EXPIRED');
      await remove(CAROL, CAROL);
      expect(await chat.call(ALICE, { _: 'messages.editExportedChatInvite', peer: peer(), link: link.link, revoked: true })).toMatchObject({ _: 'messages.exportedChatInvite', invite: { revoked: true } });
      await expect(join(CAROL, link)).rejects.toThrow('INVITE_HASH_EXPIRED');
      const forged = hash(await invite(ALICE)).split('');
      forged[8] = forged[8] === 'A' ? 'B' : 'A';
      await expect(chat.call(CAROL, { _: 'messages.checkChatInvite', hash: forged.join('') })).rejects.toThrow('INVITE_HASH_EXPIRED');
      await expect(chat.call(CAROL, { _: 'messages.checkChatInvite', hash: 'short' })).rejects.toThrow('INVITE_HASH_INVALID');
      await expect(chat.call(CAROL, { _: 'messages.importChatInvite', hash: '' })).rejects.toThrow('INVITE_HASH_EMPTY');
    });

    it('ask, where admins want to say', async () => {
      await chat.call(ALICE, { _: 'messages.editChatAdmin', chat_id: group, user_id: chat.inputUser(ALICE, BOB), is_admin: true });
      await remove(CAROL, CAROL);
      await expect(invite(ALICE, { request_needed: true, usage_limit: 1 })).rejects.toThrow('USAGE_LIMIT_INVALID');
      const link = await invite(ALICE, { request_needed: true });
      expect(await check(CAROL, link)).toMatchObject({ _: 'chatInvite', request_needed: true });
      const before = chat.pushes.length;
      await expect(join(CAROL, link)).rejects.toThrow('INVITE_REQUEST_SENT');
      // Both admins hear of it.
      expect(chat.pushes.slice(before).filter(({ what }) => what.case === 'updates').flatMap(({ userIds }) => userIds.map(Number)).sort()).toEqual([ALICE, BOB].sort());
      expect(await full(BOB)).toMatchObject({ requests_pending: 1, recent_requesters: [CAROL] });
      const importers = (by: number, more: Partial<Api['messages.getChatInviteImporters']['request']>) => {
        return chat.call(by, { _: 'messages.getChatInviteImporters', peer: peer(), offset_date: 0, offset_user: { _: 'inputUserEmpty' }, limit: 10, ...more });
      };
      expect(await importers(BOB, { requested: true })).toMatchObject({ count: 1, importers: [{ requested: true, user_id: CAROL }] });
      await expect(importers(CAROL, { requested: true })).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      const hide = (by: number, approved: boolean) => chat.call(by, { _: 'messages.hideChatJoinRequest', peer: peer(), user_id: chat.inputUser(by, CAROL), approved });
      expect(updatesOf(await hide(BOB, false))).toEqual([{ _: 'updatePendingJoinRequests', peer: { _: 'peerChat', chat_id: group }, requests_pending: 0, recent_requesters: [] }]);
      await expect(hide(BOB, true)).rejects.toThrow('HIDE_REQUESTER_MISSING');
      await expect(join(CAROL, link)).rejects.toThrow('INVITE_REQUEST_SENT');
      expect(updatesOf(await hide(BOB, true))).toMatchObject([
        { _: 'updateNewMessage', message: { from_id: { user_id: CAROL }, action: { _: 'messageActionChatJoinedByRequest' } } }, { _: 'updateChatParticipantAdd', user_id: CAROL, inviter_id: ALICE },
        { _: 'updatePendingJoinRequests', requests_pending: 0 },
      ]);
      expect(await importers(ALICE, { link: link.link })).toMatchObject({ count: 1, importers: [{ user_id: CAROL, approved_by: BOB }] });
      await remove(CAROL, CAROL);
      await expect(join(CAROL, link)).rejects.toThrow('INVITE_REQUEST_SENT');
      expect(updatesOf(await chat.call(ALICE, { _: 'messages.hideAllChatJoinRequests', peer: peer(), link: link.link, approved: true })).at(-1)).toMatchObject({ _: 'updatePendingJoinRequests', requests_pending: 0 });
      expect((await full(CAROL)).participants).toMatchObject({ _: 'chatParticipants' });
      await expect(chat.call(ALICE, { _: 'messages.hideAllChatJoinRequests', peer: peer() })).rejects.toThrow('HIDE_REQUESTER_MISSING');
      expect(await chat.call(ALICE, { _: 'messages.editExportedChatInvite', peer: peer(), link: link.link, request_needed: false })).toMatchObject({ invite: { usage: 2 } });
    });

    it('are the admins\' to make, list, end and forget', async () => {
      await expect(invite(BOB)).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await expect(invite(ALICE, { expire_date: 1 })).rejects.toThrow('EXPIRE_DATE_INVALID');
      await expect(invite(ALICE, { usage_limit: -1 })).rejects.toThrow('USAGE_LIMIT_INVALID');
      const [permanent] = await list(ALICE);
      expect(permanent).toMatchObject({ permanent: true, admin_id: ALICE });
      expect((await full(ALICE)).exported_invite).toMatchObject({ link: permanent?.link });
      expect((await full(BOB)).exported_invite).toBeUndefined();
      const other = await invite(ALICE, { title: 'other' });
      expect((await list(ALICE)).map(({ link }) => link)).toEqual([permanent?.link, other.link]);
      await expect(chat.call(ALICE, { _: 'messages.editExportedChatInvite', peer: peer(), link: permanent?.link ?? '', usage_limit: 3 })).rejects.toThrow('CHAT_INVITE_PERMANENT');
      const replaced = await chat.call(ALICE, { _: 'messages.editExportedChatInvite', peer: peer(), link: permanent?.link ?? '', revoked: true });
      if (replaced._ !== 'messages.exportedChatInviteReplaced') throw new Error(replaced._);
      expect(replaced).toMatchObject({ invite: { link: permanent?.link, revoked: true }, new_invite: { permanent: true } });
      expect((await list(ALICE, ALICE, true)).map(({ link }) => link)).toEqual([permanent?.link]);
      expect(await chat.call(ALICE, { _: 'messages.getAdminsWithInvites', peer: peer() })).toMatchObject({ admins: [{ admin_id: ALICE, invites_count: 2, revoked_invites_count: 1 }] });
      await expect(chat.call(ALICE, { _: 'messages.deleteExportedChatInvite', peer: peer(), link: other.link })).rejects.toThrow('INVITE_REVOKED_MISSING');
      await chat.call(ALICE, { _: 'messages.deleteExportedChatInvite', peer: peer(), link: permanent?.link ?? '' });
      await expect(chat.call(ALICE, { _: 'messages.getExportedChatInvite', peer: peer(), link: permanent?.link ?? '' })).rejects.toThrow('INVITE_HASH_EXPIRED');
      const again = await invite(ALICE, { legacy_revoke_permanent: true });
      expect(again.permanent).toBe(true);
      expect(await list(ALICE, ALICE, true)).toHaveLength(1);
      await chat.call(ALICE, { _: 'messages.deleteRevokedExportedChatInvites', peer: peer(), admin_id: chat.inputUser(ALICE, ALICE) });
      expect(await list(ALICE, ALICE, true)).toEqual([]);
    });

    it('of one admin are not another\'s, but the creator\'s', async () => {
      for (const user of [BOB, CAROL]) await chat.call(ALICE, { _: 'messages.editChatAdmin', chat_id: group, user_id: chat.inputUser(ALICE, user), is_admin: true });
      const link = await invite(BOB);
      await expect(list(CAROL, BOB)).rejects.toThrow('ADMIN_ID_INVALID');
      await expect(chat.call(CAROL, { _: 'messages.getExportedChatInvite', peer: peer(), link: link.link })).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      expect((await list(ALICE, BOB)).map((each) => each.link)).toEqual([link.link]);
      await chat.call(ALICE, { _: 'messages.editExportedChatInvite', peer: peer(), link: link.link, revoked: true });
      expect(await list(BOB, BOB, true)).toMatchObject([{ link: link.link, admin_id: BOB }]);
    });
  });

  it('ends for all by its creator, with what was written in it', async () => {
    const link = await chat.call(ALICE, { _: 'messages.exportChatInvite', peer: peer() }) as ChatInviteExported;
    // More than one command deletes.
    for (let index = 0; index < 110; index += 1) await say(index % 2 === 0 ? ALICE : BOB, `said ${index}`);
    await remove(CAROL, CAROL);
    for (const user of [BOB, CAROL]) await eventually(async () => (await history(user))[0]?._ === 'messageService' || undefined);
    await chat.call(BOB, { _: 'messages.toggleDialogPin', pinned: true, peer: { _: 'inputDialogPeer', peer: peer() } });
    const end = (by: number) => chat.call(by, { _: 'messages.deleteChat', chat_id: group });
    for (const user of [BOB, CAROL]) await expect(end(user)).rejects.toThrow('CHAT_ADMIN_REQUIRED');
    await expect(chat.call(ALICE, { _: 'messages.deleteChat', chat_id: group + 32 })).rejects.toThrow('CHAT_ID_INVALID');
    expect(await end(ALICE)).toBe(true);
    expect(await end(ALICE)).toBe(true);
    await expect(end(BOB)).rejects.toThrow('CHAT_ADMIN_REQUIRED');
    for (const user of [ALICE, BOB]) {
      expect(texts(await seen(user, 0))).toEqual([]);
      await expect(say(user, 'is anybody there?')).rejects.toThrow(/CHAT_ID_INVALID|CHAT_WRITE_FORBIDDEN/);
      expect((await full(user)).participants._).toBe('chatParticipantsForbidden');
      const dialogs = await chat.call(user, { _: 'messages.getDialogs', offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 10, hash: 0n });
      expect('dialogs' in dialogs && dialogs.dialogs).toEqual([]);
    }
    // Who had left keeps what was said before.
    expect((await history(CAROL)).length).toBeGreaterThan(10);
    for (const user of [BOB, CAROL]) {
      await expect(chat.call(user, { _: 'messages.importChatInvite', hash: link.link.slice(link.link.lastIndexOf('+') + 1) })).rejects.toThrow('INVITE_HASH_EXPIRED');
      await expect(add(user, CAROL)).rejects.toThrow('CHAT_ID_INVALID');
    }
    await expect(add(ALICE, CAROL)).rejects.toThrow('CHAT_ID_INVALID');
    await expect(chat.call(ALICE, { _: 'messages.migrateChat', chat_id: group })).rejects.toThrow('CHAT_ID_INVALID');
  });

  it('a dialog is pinned, marked and emptied like any other, for oneself', async () => {
    await say(ALICE, 'one');
    await seen(BOB, 2);
    const dialogPeer = { _: 'inputDialogPeer' as const, peer: peer() };
    await chat.call(BOB, { _: 'messages.toggleDialogPin', pinned: true, peer: dialogPeer });
    await chat.call(BOB, { _: 'messages.markDialogUnread', unread: true, peer: dialogPeer });
    expect(await dialog(BOB)).toMatchObject({ pinned: true, unread_mark: true, peer: { _: 'peerChat', chat_id: group } });
    const listed = await chat.call(BOB, { _: 'messages.getDialogs', offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 10, hash: 0n });
    expect(listed).toMatchObject({ dialogs: [{ peer: { chat_id: group } }] });
    expect(await chat.call(BOB, { _: 'messages.deleteHistory', peer: peer(), max_id: 0, revoke: true })).toMatchObject({ pts_count: 2, offset: 0 });
    expect(await history(ALICE) as MessageService[]).toHaveLength(2);
    expect(await chat.call(BOB, { _: 'messages.getPeerSettings', peer: peer() })).toMatchObject({ settings: { _: 'peerSettings' } });
  });
});
