import { AVAILABLE_REACTIONS } from '@heliograph/client-api/reaction-emoji';
import { eventually } from '@heliograph/testing/eventually';
import type { Api, ChatFull, Message, MessageReactions, TypeInputPeer, TypeReaction, TypeUpdate } from '@heliograph/tl/api';
import { ALICE, BOB, CAROL, openChat, updatesOf, type Chat } from '../../testing/chat';

const heart: TypeReaction = { _: 'reactionEmoji', emoticon: '❤' };
const thumb: TypeReaction = { _: 'reactionEmoji', emoticon: '👍' };

describe('reactions', () => {
  let chat: Chat;
  beforeEach(async () => {
    chat = await openChat();
  });
  afterEach(() => chat.close());

  const send = async (user: number, peer: TypeInputPeer, msg_id: number, reaction?: TypeReaction[], more: Partial<Api['messages.sendReaction']['request']> = {}): Promise<TypeUpdate[]> =>
    updatesOf(await chat.call(user, { _: 'messages.sendReaction', peer, msg_id, reaction, ...more }));
  const found = async (user: number, peer: number, accept: (reactions: MessageReactions | undefined, message: Message) => boolean): Promise<Message> => eventually(async () => {
    const message = (peer < 0 ? await chat.historyIn(user, -peer) : await chat.history(user, peer)).find((each) => each._ === 'message');
    return message?._ === 'message' && accept(message.reactions, message) ? message : undefined;
  });
  const unreadCount = async (user: number, peer: TypeInputPeer): Promise<number> => {
    const { dialogs } = await chat.call(user, { _: 'messages.getPeerDialogs', peers: [{ _: 'inputDialogPeer', peer }] });
    return dialogs[0]?._ === 'dialog' ? dialogs[0].unread_reactions_count : -1;
  };

  describe('in a private chat', () => {
    let mine: number;
    let theirs: number;
    beforeEach(async () => {
      mine = await chat.say(ALICE, BOB, 'look');
      theirs = (await found(BOB, ALICE, () => true)).id;
    });

    it('are told by an edit with its pts and by themselves, and are there for both', async () => {
      const updates = await send(BOB, chat.peer(BOB, ALICE), theirs, [heart], { big: true });
      const shown = { results: [{ reaction: heart, count: 1, chosen_order: 1 }], recent_reactions: [{ my: true, big: true, peer_id: { user_id: BOB }, reaction: heart }] };
      expect(updates).toMatchObject([{ _: 'updateEditMessage', pts_count: 1, message: { id: theirs, message: 'look', reactions: shown } }, { _: 'updateMessageReactions', msg_id: theirs, reactions: shown }]);
      expect((updates[0] as { message: Message }).message.edit_date).toBeUndefined();
      const at = await found(ALICE, BOB, (reactions) => reactions !== undefined);
      expect(at.reactions).toMatchObject({ results: [{ reaction: heart, count: 1 }], recent_reactions: [{ unread: true, peer_id: { user_id: BOB } }] });
      expect(at.reactions?.results[0]?.chosen_order).toBeUndefined();
      expect(at.reactions?.can_see_list).toBeUndefined();
      const difference = await chat.call(ALICE, { _: 'updates.getDifference', pts: mine, date: 1, qts: 0 });
      expect(difference).toMatchObject({ other_updates: expect.arrayContaining([expect.objectContaining({ _: 'updateEditMessage', message: expect.objectContaining({ id: mine, reactions: at.reactions }) })]) as unknown });
      expect(await chat.call(ALICE, { _: 'messages.getMessagesReactions', peer: chat.peer(ALICE, BOB), id: [mine, 999] })).toMatchObject({ updates: [{ _: 'updateMessageReactions', msg_id: mine, reactions: { results: [{ count: 1 }] } }] });
    });

    it('are one of each person: the next takes the place of the first, none takes it back', async () => {
      const peer = chat.peer(BOB, ALICE);
      await send(BOB, peer, theirs, [heart]);
      await expect(send(BOB, peer, theirs, [{ _: 'reactionEmoji', emoticon: '❤️' }])).rejects.toThrow('MESSAGE_NOT_MODIFIED');
      await send(BOB, peer, theirs, [thumb]);
      await send(ALICE, chat.peer(ALICE, BOB), mine, [thumb]);
      expect((await found(BOB, ALICE, (reactions) => reactions?.results[0]?.count === 2)).reactions?.results).toHaveLength(1);
      await send(BOB, peer, theirs, []);
      await expect(send(BOB, peer, theirs)).rejects.toThrow('MESSAGE_NOT_MODIFIED');
      expect((await found(ALICE, BOB, (reactions) => reactions?.results[0]?.count === 1)).reactions?.recent_reactions).toMatchObject([{ my: true }]);
    });

    it('to own messages are unread until they are seen', async () => {
      await send(BOB, chat.peer(BOB, ALICE), theirs, [heart]);
      const peer = chat.peer(ALICE, BOB);
      await eventually(async () => (await unreadCount(ALICE, peer)) === 1);
      expect(await unreadCount(BOB, chat.peer(BOB, ALICE))).toBe(0);
      const unread = { _: 'messages.getUnreadReactions', peer, offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0 } as const;
      expect(await chat.call(ALICE, unread)).toMatchObject({ _: 'messages.messages', messages: [{ id: mine }] });
      expect(await chat.call(ALICE, { _: 'messages.readReactions', peer, top_msg_id: 1 })).toMatchObject({ pts_count: 0 });
      expect(await chat.call(ALICE, { _: 'messages.readReactions', peer })).toMatchObject({ pts_count: 1, offset: 0 });
      expect(await chat.call(ALICE, unread)).toMatchObject({ messages: [] });
      expect([await unreadCount(ALICE, peer), (await found(ALICE, BOB, () => true)).reactions?.recent_reactions?.[0]?.unread]).toEqual([0, undefined]);
      await send(BOB, chat.peer(BOB, ALICE), theirs, [thumb]);
      await eventually(async () => (await unreadCount(ALICE, peer)) === 1);
      expect(await chat.call(ALICE, { _: 'messages.readMessageContents', id: [mine] })).toMatchObject({ pts_count: 1 });
      expect(await unreadCount(ALICE, peer)).toBe(0);
    });

    it.each<[string, TypeReaction[], string]>([
      ['what is no reaction', [{ _: 'reactionEmoji', emoticon: '🧮' }], 'REACTION_INVALID'],
      ['text', [{ _: 'reactionEmoji', emoticon: 'x'.repeat(5_000) }], 'REACTION_INVALID'],
      ['an empty one beside another', [heart, { _: 'reactionEmpty' }], 'REACTION_EMPTY'],
      ['to take back what was not given', [{ _: 'reactionEmpty' }], 'MESSAGE_NOT_MODIFIED'],
      ['custom emoji', [{ _: 'reactionCustomEmoji', document_id: 5n }], 'PREMIUM_ACCOUNT_REQUIRED'],
      ['paid ones', [{ _: 'reactionPaid' }], 'REACTION_INVALID'],
      ['two', [heart, thumb], 'REACTIONS_TOO_MANY'],
    ])('refuses %s', async (_, reactions, error) => {
      await expect(send(BOB, chat.peer(BOB, ALICE), theirs, reactions)).rejects.toThrow(error);
    });

    it('refuses messages of other chats, those that are not there, and notes', async () => {
      await expect(send(BOB, chat.peer(BOB, CAROL), theirs, [heart])).rejects.toThrow('MESSAGE_ID_INVALID');
      await expect(send(BOB, chat.peer(BOB, ALICE), 999, [heart])).rejects.toThrow('MESSAGE_ID_INVALID');
      await expect(send(BOB, chat.peer(ALICE, BOB), theirs, [heart])).rejects.toThrow('PEER_ID_INVALID');
      const foreign = chat.peer(CAROL, BOB);
      for (const request of [
        { _: 'messages.getUnreadReactions' as const, peer: foreign, offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0 },
        { _: 'messages.readReactions' as const, peer: foreign },
        { _: 'messages.getMessagesReactions' as const, peer: foreign, id: [mine] },
        { _: 'messages.getMessageReactionsList' as const, peer: foreign, id: mine, limit: 10 },
      ]) await expect(chat.call(ALICE, request)).rejects.toThrow('PEER_ID_INVALID');
      const note = await chat.say(BOB, BOB, 'note');
      await expect(send(BOB, { _: 'inputPeerSelf' }, note, [heart])).rejects.toThrow('PREMIUM_ACCOUNT_REQUIRED');
    });

    it('stay with who gave them when the other one blocks', async () => {
      await chat.block(ALICE, BOB);
      await send(BOB, chat.peer(BOB, ALICE), theirs, [heart]);
      expect((await found(BOB, ALICE, (reactions) => reactions !== undefined)).reactions?.results).toHaveLength(1);
      expect((await found(ALICE, BOB, () => true)).reactions).toBeUndefined();
      await expect(send(ALICE, chat.peer(ALICE, BOB), mine, [heart])).rejects.toThrow('YOU_BLOCKED_USER');
    });
  });

  describe('in a basic group', () => {
    let group: number;
    let mine: number;
    const peer = () => ({ _: 'inputPeerChat' as const, chat_id: group });
    beforeEach(async () => {
      group = await chat.group(ALICE, [BOB, CAROL], 'the three');
      mine = await chat.sayIn(ALICE, group, 'look');
    });
    const copy = async (user: number): Promise<number> => (await found(user, -group, (_, message) => message.message === 'look')).id;

    it('are counted by emoji for everybody, and listed', async () => {
      expect(await send(BOB, peer(), await copy(BOB), [heart])).toMatchObject([{ _: 'updateEditMessage' }, { _: 'updateMessageReactions', peer: { _: 'peerChat', chat_id: group } }]);
      await send(CAROL, peer(), await copy(CAROL), [heart]);
      await send(ALICE, peer(), mine, [thumb]);
      for (const user of [ALICE, BOB, CAROL]) {
        const { reactions } = await found(user, -group, (each) => each?.results.length === 2 && each.results[0]?.count === 2);
        expect(reactions).toMatchObject({ can_see_list: true, results: [{ reaction: heart, count: 2 }, { reaction: thumb, count: 1 }] });
        expect(reactions?.results.map(({ chosen_order }) => chosen_order !== undefined)).toEqual([user !== ALICE, user === ALICE]);
      }
      expect(await unreadCount(ALICE, peer())).toBe(1);
      const list = (more: object) => chat.call(ALICE, { _: 'messages.getMessageReactionsList', peer: peer(), id: mine, limit: 2, ...more });
      const first = await list({});
      expect(first).toMatchObject({ count: 3, reactions: [{ my: true, reaction: thumb }, { peer_id: { user_id: CAROL } }], next_offset: '1' });
      expect(await list({ offset: first.next_offset })).toMatchObject({ count: 3, reactions: [{ peer_id: { user_id: BOB } }] });
      expect(await list({ reaction: thumb })).toMatchObject({ count: 1, reactions: [{ reaction: thumb }] });
      expect(await list({ reaction: { _: 'reactionEmpty' } })).toMatchObject({ count: 3 });
      await expect(list({ offset: 'x' })).rejects.toThrow('OFFSET_INVALID');
      await expect(list({ id: 999 })).rejects.toThrow('MSG_ID_INVALID');
    });

    it('of somebody are taken away by admins, from one message or all', async () => {
      const [ofBob, ofCarol] = [await copy(BOB), await copy(CAROL)];
      await chat.sayIn(CAROL, group, 'and this?');
      const otherOf = async (user: number): Promise<number> => eventually(async () => (await chat.historyIn(user, group)).find((each) => each._ === 'message' && each.message === 'and this?')?.id);
      await send(BOB, peer(), ofBob, [heart]);
      await send(BOB, peer(), await otherOf(BOB), [thumb]);
      await send(CAROL, peer(), ofCarol, [heart]);
      const taken = (by: number, msg_id: number, of: number) => chat.call(by, { _: 'messages.deleteParticipantReaction', peer: peer(), msg_id, participant: chat.peer(by, of) });
      const allTaken = (by: number, of: TypeInputPeer) => chat.call(by, { _: 'messages.deleteParticipantReactions', peer: peer(), participant: of });
      await expect(taken(CAROL, ofCarol, BOB)).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await expect(allTaken(CAROL, chat.peer(CAROL, BOB))).rejects.toThrow('CHAT_ADMIN_REQUIRED');
      await expect(taken(ALICE, 9_999, BOB)).rejects.toThrow('MESSAGE_ID_INVALID');
      await expect(allTaken(ALICE, { _: 'inputPeerEmpty' })).rejects.toThrow('PARTICIPANT_ID_INVALID');
      await expect(chat.call(ALICE, { _: 'messages.deleteParticipantReactions', peer: chat.peer(ALICE, BOB), participant: chat.peer(ALICE, BOB) })).rejects.toThrow('PEER_ID_INVALID');
      await eventually(async () => (await chat.historyIn(ALICE, group)).some((each) => each._ === 'message' && each.id === mine && each.reactions?.results[0]?.count === 2) || undefined);
      expect(await taken(ALICE, mine, CAROL)).toMatchObject({ updates: [{ _: 'updateEditMessage', message: { id: mine, reactions: { results: [{ count: 1 }] } } }, { _: 'updateMessageReactions' }] });
      expect(await taken(ALICE, mine, CAROL)).toMatchObject({ updates: [] });
      expect(await allTaken(ALICE, chat.peer(ALICE, BOB))).toBe(true);
      for (const user of [ALICE, BOB, CAROL]) {
        await eventually(async () => (await chat.historyIn(user, group)).every((each) => each._ !== 'message' || each.reactions === undefined) || undefined);
      }
    });

    it('are those that the group takes, from those who are in it', async () => {
      const full = async () => ((await chat.call(BOB, { _: 'messages.getFullChat', chat_id: group })).full_chat as ChatFull).available_reactions;
      const set = (available_reactions: Api['messages.setChatAvailableReactions']['request']['available_reactions']) => chat.call(ALICE, { _: 'messages.setChatAvailableReactions', peer: peer(), available_reactions });
      const id = await copy(BOB);
      expect(await full()).toEqual({ _: 'chatReactionsAll' });
      await expect(set({ _: 'chatReactionsAll' })).rejects.toThrow('CHAT_NOT_MODIFIED');
      expect(updatesOf(await set({ _: 'chatReactionsSome', reactions: [thumb] }))).toMatchObject([{ _: 'updateChat', chat_id: group }]);
      expect(await full()).toEqual({ _: 'chatReactionsSome', reactions: [thumb] });
      await expect(send(BOB, peer(), id, [heart])).rejects.toThrow('REACTION_INVALID');
      await send(BOB, peer(), id, [thumb]);
      await set({ _: 'chatReactionsNone' });
      expect(await full()).toEqual({ _: 'chatReactionsNone' });
      await expect(set({ _: 'chatReactionsSome', reactions: [{ _: 'reactionCustomEmoji', document_id: 1n }] })).rejects.toThrow('PREMIUM_ACCOUNT_REQUIRED');
      await chat.call(BOB, { _: 'messages.deleteChatUser', chat_id: group, user_id: { _: 'inputUserSelf' } });
      await expect(send(BOB, peer(), id, [])).rejects.toThrow('CHAT_WRITE_FORBIDDEN');
    });
  });

  it('that may be used are listed, those that were used come first', async () => {
    // Clients show those alone that have their animations, and none has.
    expect(await chat.call(ALICE, { _: 'messages.getAvailableReactions', hash: 0 })).toMatchObject({ reactions: [] });
    expect(await chat.call(ALICE, { _: 'messages.getTopReactions', limit: 100, hash: 0n })).toMatchObject({ reactions: AVAILABLE_REACTIONS.map((emoticon) => ({ emoticon })) });
    const recent = () => chat.call(ALICE, { _: 'messages.getRecentReactions', limit: 10, hash: 0n });
    expect(await recent()).toMatchObject({ reactions: [] });
    const id = await chat.say(ALICE, BOB, 'x');
    for (const reaction of [thumb, heart]) await send(ALICE, chat.peer(ALICE, BOB), id, [reaction], { add_to_recent: true });
    const used = await recent();
    expect(used).toMatchObject({ reactions: [heart, thumb] });
    expect(await chat.call(ALICE, { _: 'messages.getRecentReactions', limit: 10, hash: (used as { hash: bigint }).hash })).toEqual({ _: 'messages.reactionsNotModified' });
    const top = await chat.call(ALICE, { _: 'messages.getTopReactions', limit: 5, hash: 0n });
    expect(top).toMatchObject({ reactions: [heart, thumb, { emoticon: '👎' }, { emoticon: '🔥' }, { emoticon: '🥰' }] });
    expect(await chat.call(ALICE, { _: 'messages.clearRecentReactions' })).toBe(true);
    expect(await recent()).toMatchObject({ reactions: [] });
  });
});
