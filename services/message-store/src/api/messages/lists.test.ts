import { eventually } from '@heliograph/testing/eventually';
import { writeObject } from '@heliograph/tl/writer';
import { MessageStoreService } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import type { Api, Dialog, Message, TypeMessagesFilter } from '@heliograph/tl/api';
import { ALICE, BOB, CAROL, openChat, texts, updatesOf, type Chat } from '../../testing/chat';

describe('lists of a box', () => {
  let chat: Chat;
  beforeEach(async () => {
    chat = await openChat();
  });
  afterEach(() => chat.close());

  const state = (user: number) => chat.call(user, { _: 'updates.getState' });
  const dialogs = async (user: number, more: Partial<Api['messages.getDialogs']['request']> = {}) => {
    const answer = await chat.call(user, { _: 'messages.getDialogs', offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 100, hash: 0n, ...more });
    if (answer._ === 'messages.dialogsNotModified') throw new Error('not modified');
    return answer;
  };
  const peersOf = (answer: { dialogs: unknown[] }) => (answer.dialogs as Dialog[]).map((dialog) => (dialog.peer as { user_id: number }).user_id);
  const delivered = (of: number, peer: number, count: number) => eventually(async () => (await chat.history(of, peer)).length === count);

  describe('messages.getHistory', () => {
    it('counts the whole and pages by id, by date and backwards', async () => {
      for (let i = 1; i <= 7; i += 1) await chat.say(ALICE, BOB, `m${i}`);
      const history = (more: Partial<Api['messages.getHistory']['request']>) => chat.call(ALICE, {
        _: 'messages.getHistory', peer: chat.peer(ALICE, BOB), offset_id: 0, offset_date: 0, add_offset: 0, limit: 3, max_id: 0, min_id: 0, hash: 0n, ...more,
      }) as Promise<{ _: string; count?: number; messages: Message[] }>;
      const first = await history({});
      expect(first).toMatchObject({ _: 'messages.messagesSlice', count: 7 });
      expect(texts(first.messages)).toEqual(['m7', 'm6', 'm5']);
      expect(texts((await history({ offset_id: first.messages[2]?.id ?? 0 })).messages)).toEqual(['m4', 'm3', 'm2']);
      expect(texts((await history({ offset_id: 1, add_offset: -3 })).messages)).toEqual(['m3', 'm2', 'm1']);
      expect(texts((await history({ offset_date: 0x7fffffff })).messages)).toEqual(['m7', 'm6', 'm5']);
      expect(texts((await history({ offset_date: first.messages[0]?.date ?? 0, limit: 100 })).messages)).not.toContain('m7');
      expect(await history({ limit: 100 })).toMatchObject({ _: 'messages.messages' });
      expect(await history({ limit: 0 })).toMatchObject({ _: 'messages.messagesSlice', count: 7, messages: [] });
    });

    it('refuses a foreign peer and answers nothing for a chat that never began', async () => {
      expect(await chat.history(ALICE, CAROL)).toEqual([]);
      await expect(chat.call(ALICE, { _: 'messages.getHistory', peer: chat.peer(BOB, CAROL), offset_id: 0, offset_date: 0, add_offset: 0, limit: 3, max_id: 0, min_id: 0, hash: 0n })).rejects.toThrow('PEER_ID_INVALID');
      await expect(chat.call(ALICE, { _: 'messages.getHistory', peer: { _: 'inputPeerChat', chat_id: 5 }, offset_id: 0, offset_date: 0, add_offset: 0, limit: 3, max_id: 0, min_id: 0, hash: 0n })).rejects.toThrow('PEER_ID_INVALID');
    });
  });

  describe('dialogs', () => {
    it('lists the newest first, with their top messages, in pages that end', async () => {
      await chat.say(ALICE, BOB, 'to bob');
      await chat.say(ALICE, CAROL, 'to carol');
      await chat.say(ALICE, ALICE, 'to self');
      const all = await dialogs(ALICE);
      expect(all._).toBe('messages.dialogs');
      expect(peersOf(all)).toEqual([ALICE, CAROL, BOB]);
      expect(texts(all.messages)).toEqual(['to self', 'to carol', 'to bob']);
      const walked: number[] = [];
      let offset: Partial<Api['messages.getDialogs']['request']> = {};
      for (;;) {
        const some = await dialogs(ALICE, { limit: 2, ...offset });
        expect(some).toMatchObject({ _: 'messages.dialogsSlice', count: 3 });
        const last = some.messages.at(-1);
        if (last?._ !== 'message') break;
        walked.push(...peersOf(some));
        offset = { offset_date: last.date, offset_id: last.id, offset_peer: chat.peer(ALICE, peersOf(some).at(-1) ?? 0) };
      }
      expect(walked).toEqual([ALICE, CAROL, BOB]);
    });

    it('puts pinned ones first, in their order, and walks on past them', async () => {
      for (const peer of [BOB, CAROL, ALICE]) await chat.say(ALICE, peer, 'x');
      const dialogPeer = (peer: number) => ({ _: 'inputDialogPeer' as const, peer: chat.peer(ALICE, peer) });
      await chat.call(ALICE, { _: 'messages.toggleDialogPin', pinned: true, peer: dialogPeer(BOB) });
      expect(peersOf(await dialogs(ALICE))).toEqual([BOB, ALICE, CAROL]);
      expect(peersOf(await dialogs(ALICE, { exclude_pinned: true }))).toEqual([ALICE, CAROL]);
      const first = await dialogs(ALICE, { limit: 1 });
      const top = first.messages[0] as Message;
      expect(peersOf(await dialogs(ALICE, { offset_date: top.date, offset_id: top.id, offset_peer: chat.peer(ALICE, BOB) }))).toEqual([ALICE, CAROL]);
      await chat.call(ALICE, { _: 'messages.toggleDialogPin', pinned: true, peer: dialogPeer(CAROL) });
      await chat.call(ALICE, { _: 'messages.reorderPinnedDialogs', force: true, folder_id: 0, order: [dialogPeer(BOB), dialogPeer(CAROL)] });
      const pinned = await chat.call(ALICE, { _: 'messages.getPinnedDialogs', folder_id: 0 });
      expect(peersOf(pinned)).toEqual([BOB, CAROL]);
      expect(pinned.state.pts).toBe((await state(ALICE)).pts);
      await expect(chat.call(ALICE, { _: 'messages.getPinnedDialogs', folder_id: 7 })).rejects.toThrow('FOLDER_ID_INVALID');
      await expect(chat.call(ALICE, { _: 'messages.toggleDialogPin', pinned: true, peer: { _: 'inputDialogPeerFolder', folder_id: 1 } })).rejects.toThrow('FOLDER_ID_INVALID');
    });

    it('answers dialogs by peer, an empty one where nothing was said', async () => {
      await chat.say(ALICE, BOB, 'x');
      const answer = await chat.call(ALICE, { _: 'messages.getPeerDialogs', peers: [BOB, CAROL].map((peer) => ({ _: 'inputDialogPeer', peer: chat.peer(ALICE, peer) })) });
      expect(answer.dialogs).toMatchObject([{ peer: { user_id: BOB }, top_message: expect.any(Number) }, { peer: { user_id: CAROL }, top_message: 0 }]);
    });

    it('marks dialogs unread and lists the marks', async () => {
      await chat.say(ALICE, BOB, 'x');
      const peer = { _: 'inputDialogPeer' as const, peer: chat.peer(ALICE, BOB) };
      await chat.call(ALICE, { _: 'messages.markDialogUnread', unread: true, peer });
      expect(await chat.call(ALICE, { _: 'messages.getDialogUnreadMarks' })).toEqual([{ _: 'dialogPeer', peer: { _: 'peerUser', user_id: BOB } }]);
      expect((await dialogs(ALICE)).dialogs).toMatchObject([{ unread_mark: true }]);
      await chat.call(ALICE, { _: 'messages.markDialogUnread', peer });
      expect(await chat.call(ALICE, { _: 'messages.getDialogUnreadMarks' })).toEqual([]);
    });
  });

  it('reads a chat and tells the author', async () => {
    const sent = [await chat.say(ALICE, BOB, 'one'), await chat.say(ALICE, BOB, 'two')];
    await delivered(BOB, ALICE, 2);
    expect((await dialogs(BOB)).dialogs).toMatchObject([{ unread_count: 2 }]);
    await expect(chat.call(ALICE, { _: 'messages.getOutboxReadDate', peer: chat.peer(ALICE, BOB), msg_id: sent[1] ?? 0 })).rejects.toThrow('MESSAGE_NOT_READ_YET');
    const { pts } = await state(BOB);
    expect(await chat.call(BOB, { _: 'messages.readHistory', peer: chat.peer(BOB, ALICE), max_id: 0 })).toEqual({ _: 'messages.affectedMessages', pts: pts + 1, pts_count: 1 });
    expect(await chat.call(BOB, { _: 'messages.readHistory', peer: chat.peer(BOB, ALICE), max_id: 0 })).toEqual({ _: 'messages.affectedMessages', pts: pts + 1, pts_count: 0 });
    expect((await dialogs(BOB)).dialogs).toMatchObject([{ unread_count: 0 }]);
    await eventually(async () => ((await dialogs(ALICE)).dialogs[0] as Dialog).read_outbox_max_id === sent[1]);
  });

  it('reads a chat no further than was asked, though its messages are gone', async () => {
    const sent = await chat.say(ALICE, BOB, 'one');
    await delivered(BOB, ALICE, 1);
    const { id } = (await dialogs(BOB)).messages[0] as Message;
    await chat.call(ALICE, { _: 'messages.deleteMessages', id: [sent], revoke: true });
    await eventually(async () => ((await dialogs(BOB)).dialogs[0] as Dialog | undefined)?.top_message === 0 || (await dialogs(BOB)).dialogs.length === 0);
    // Something newer elsewhere in the box.
    await chat.say(BOB, BOB, 'note');
    await chat.call(BOB, { _: 'messages.readHistory', peer: chat.peer(BOB, ALICE), max_id: id });
    const { dialogs: [dialog] } = await chat.call(BOB, { _: 'messages.getPeerDialogs', peers: [{ _: 'inputDialogPeer', peer: chat.peer(BOB, ALICE) }] });
    expect(dialog).toMatchObject({ read_inbox_max_id: id });
  });

  describe('search', () => {
    const search = async (peer: number | undefined, q: string, more: Partial<Api['messages.search']['request']> = {}) => {
      const answer = await chat.call(ALICE, {
        _: 'messages.search', peer: peer === undefined ? { _: 'inputPeerEmpty' } : chat.peer(ALICE, peer), q, filter: { _: 'inputMessagesFilterEmpty' }, min_date: 0, max_date: 0, offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0, hash: 123n, ...more,
      });
      return texts((answer as { messages: Message[] }).messages);
    };

    beforeEach(async () => {
      await chat.say(ALICE, BOB, 'Red apples and green pears');
      await chat.say(BOB, ALICE, 'green grass, see example.com');
      await delivered(ALICE, BOB, 2);
      await chat.say(ALICE, CAROL, 'the greenest #green hills');
      await chat.say(ALICE, ALICE, 'buy green tea');
    });

    it('finds whole words in a chat, by sender, and with a mark', async () => {
      expect(await search(BOB, 'GREEN')).toEqual(['green grass, see example.com', 'Red apples and green pears']);
      expect(await search(BOB, 'green pears')).toEqual(['Red apples and green pears']);
      expect(await search(BOB, 'gree')).toEqual([]);
      expect(await search(BOB, 'green', { from_id: chat.peer(ALICE, BOB) })).toEqual(['green grass, see example.com']);
      expect(await search(BOB, '', { from_id: { _: 'inputPeerSelf' } })).toEqual(['Red apples and green pears']);
      expect(await search(BOB, '#green')).toEqual([]);
      expect(await search(CAROL, '#green')).toEqual(['the greenest #green hills']);
      expect(await search(BOB, 'green', { limit: 1 })).toEqual(['green grass, see example.com']);
      expect(await search(BOB, '!!')).toEqual([]);
    });

    it('finds kinds of content and counts them', async () => {
      const url: TypeMessagesFilter = { _: 'inputMessagesFilterUrl' };
      expect(await search(BOB, '', { filter: url })).toEqual(['green grass, see example.com']);
      expect(await search(BOB, 'red', { filter: url })).toEqual([]);
      expect(await search(BOB, '', { filter: { _: 'inputMessagesFilterPhotos' } })).toEqual([]);
      expect(await chat.call(ALICE, { _: 'messages.getSearchCounters', peer: chat.peer(ALICE, BOB), filters: [url, { _: 'inputMessagesFilterEmpty' }, { _: 'inputMessagesFilterPinned' }, { _: 'inputMessagesFilterMyMentions' }] }))
        .toMatchObject([{ count: 1 }, { count: 2 }, { count: 0 }, { count: 0 }]);
    });

    it('finds in all chats, newest first, in pages', async () => {
      const everywhere = async (offset_id: number, limit: number) => await chat.call(ALICE, { _: 'messages.searchGlobal', q: 'green', filter: { _: 'inputMessagesFilterEmpty' }, min_date: 0, max_date: 0, offset_rate: 0, offset_peer: { _: 'inputPeerEmpty' }, offset_id, limit }) as { _: string; messages: Message[]; next_rate?: number };
      const all = await everywhere(0, 10);
      expect(texts(all.messages)).toEqual(['buy green tea', 'the greenest #green hills', 'green grass, see example.com', 'Red apples and green pears']);
      const first = await everywhere(0, 3);
      expect(first).toMatchObject({ _: 'messages.messagesSlice', next_rate: expect.any(Number) });
      expect(texts((await everywhere(first.messages[2]?.id ?? 0, 3)).messages)).toEqual(['Red apples and green pears']);
      expect(await search(undefined, 'pears')).toEqual(['Red apples and green pears']);
      await expect(search(undefined, '')).rejects.toThrow('SEARCH_QUERY_EMPTY');
    });

    it('finds what a message says now', async () => {
      const id = await chat.say(ALICE, BOB, 'before');
      await chat.call(ALICE, { _: 'messages.editMessage', peer: chat.peer(ALICE, BOB), id, message: 'after' });
      expect(await search(BOB, 'before')).toEqual([]);
      expect(await search(BOB, 'after')).toEqual(['after']);
      await chat.call(ALICE, { _: 'messages.deleteMessages', id: [id] });
      expect(await search(BOB, 'after')).toEqual([]);
    });
  });

  it('keeps drafts for one\'s own devices, without messages too', async () => {
    await chat.call(ALICE, { _: 'messages.saveDraft', peer: chat.peer(ALICE, BOB), message: 'half a ' });
    await chat.call(ALICE, { _: 'messages.saveDraft', peer: chat.peer(ALICE, CAROL), message: 'other', reply_to: undefined });
    expect(updatesOf(await chat.call(ALICE, { _: 'messages.getAllDrafts' }))).toHaveLength(2);
    await chat.say(ALICE, BOB, 'x');
    expect((await dialogs(ALICE)).dialogs).toMatchObject([{ draft: { _: 'draftMessage', message: 'half a ' } }]);
    expect((await dialogs(BOB)).dialogs[0]).not.toHaveProperty('draft', expect.anything());
    await chat.call(ALICE, { _: 'messages.saveDraft', peer: chat.peer(ALICE, BOB), message: '' });
    expect(updatesOf(await chat.call(ALICE, { _: 'messages.getAllDrafts' }))).toHaveLength(1);
    await chat.call(ALICE, { _: 'messages.clearAllDrafts' });
    expect(updatesOf(await chat.call(ALICE, { _: 'messages.getAllDrafts' }))).toEqual([]);
  });

  it('checks every peer that a request names', async () => {
    const [mine, foreign] = [chat.peer(ALICE, BOB), chat.peer(CAROL, BOB)];
    const page = { offset_id: 0, offset_date: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0, hash: 0n };
    const find = { _: 'messages.search' as const, peer: mine, q: 'x', filter: { _: 'inputMessagesFilterEmpty' as const }, min_date: 0, max_date: 0, ...page };
    const refused: [request: Api[keyof Api]['request'], error: string][] = [
      [{ ...find, from_id: foreign }, 'PEER_ID_INVALID'],
      [{ ...find, saved_peer_id: foreign }, 'PEER_ID_INVALID'],
      [{ _: 'messages.sendMessage', peer: mine, message: 'x', random_id: 1n, send_as: foreign }, 'SEND_AS_PEER_INVALID'],
      [{ _: 'messages.sendMessage', peer: mine, message: 'x', random_id: 1n, send_as: mine }, 'SEND_AS_PEER_INVALID'],
      [{ _: 'messages.sendMessage', peer: mine, message: 'x', random_id: 1n, send_as: chat.peer(CAROL, ALICE) }, 'SEND_AS_PEER_INVALID'],
      [{ _: 'messages.forwardMessages', from_peer: foreign, to_peer: mine, id: [1], random_id: [1n] }, 'PEER_ID_INVALID'],
      [{ _: 'messages.forwardMessages', from_peer: mine, to_peer: foreign, id: [1], random_id: [1n] }, 'PEER_ID_INVALID'],
      [{ _: 'messages.saveDraft', peer: mine, message: 'x', reply_to: { _: 'inputReplyToMessage', reply_to_msg_id: 1, reply_to_peer_id: foreign } }, 'PEER_ID_INVALID'],
      [{ _: 'messages.getDialogs', offset_date: 0, offset_id: 0, offset_peer: foreign, limit: 1, hash: 0n }, 'PEER_ID_INVALID'],
      [{ _: 'messages.getSavedDialogs', offset_date: 0, offset_id: 0, offset_peer: foreign, limit: 1, hash: 0n }, 'PEER_ID_INVALID'],
      [{ _: 'messages.searchGlobal', q: 'x', filter: { _: 'inputMessagesFilterEmpty' }, min_date: 0, max_date: 0, offset_rate: 0, offset_peer: { _: 'inputPeerChat', chat_id: 1 }, offset_id: 0, limit: 1 }, 'PEER_ID_INVALID'],
      [{ _: 'messages.getSavedReactionTags', peer: foreign, hash: 0n }, 'PEER_ID_INVALID'],
      [{ _: 'messages.getSavedHistory', parent_peer: mine, peer: mine, ...page }, 'PARENT_PEER_INVALID'],
      [{ _: 'messages.getDialogUnreadMarks', parent_peer: mine }, 'PARENT_PEER_INVALID'],
      [{ _: 'messages.unpinAllMessages', peer: mine, saved_peer_id: foreign }, 'PEER_ID_INVALID'],
      [{ _: 'messages.readReactions', peer: mine, saved_peer_id: foreign }, 'PEER_ID_INVALID'],
    ];
    for (const [request, error] of refused) await expect(chat.call(ALICE, request as Api['updates.getState']['request'])).rejects.toThrow(error);
  });

  it('shows typing to the other side, and not to somebody who blocks', async () => {
    const typing = () => chat.call(ALICE, { _: 'messages.setTyping', peer: chat.peer(ALICE, BOB), action: { _: 'sendMessageTypingAction' } });
    await typing();
    expect(chat.pushes).toMatchObject([{ userIds: [BigInt(BOB)], what: { case: 'updates' } }]);
    await chat.block(BOB, ALICE);
    await typing();
    expect(chat.pushes).toHaveLength(1);
  });

  it('keeps Saved Messages as one part', async () => {
    const id = await chat.say(ALICE, ALICE, 'note');
    expect(await chat.call(ALICE, { _: 'messages.getSavedDialogs', offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 10, hash: 0n })).toMatchObject({ dialogs: [{ peer: { user_id: ALICE }, top_message: id }] });
    expect(await chat.call(ALICE, { _: 'messages.getSavedHistory', peer: { _: 'inputPeerSelf' }, offset_id: 0, offset_date: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0, hash: 0n })).toMatchObject({ messages: [{ id }] });
    expect(await chat.call(ALICE, { _: 'messages.getPinnedSavedDialogs' })).toMatchObject({ dialogs: [] });
  });

  it('takes a notification from the service account once', async () => {
    const store = chat.kit.kit().client(MessageStoreService);
    const notice = { userId: BigInt(ALICE), from: 777000n, randomId: 42n, date: 1_700_000_000, content: writeObject({ _: 'heliograph.messageContent', message: 'New login', entities: [{ _: 'messageEntityBold', offset: 0, length: 9 }] }, 'newest') };
    const first = await store.notify(notice);
    expect(await store.notify(notice)).toEqual(first);
    expect(await chat.history(ALICE, 777000)).toMatchObject([{ id: first.messageId, message: 'New login', from_id: { user_id: 777000 }, date: 1_700_000_000 }]);
    await expect(store.notify({ ...notice, content: Uint8Array.of(1, 2, 3, 4) })).rejects.toThrow('INVALID_ARGUMENT');
  });
});
