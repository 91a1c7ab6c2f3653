import type { Api, MessagesSavedDialogs, MessagesSavedDialogsSlice, TypeInputPeer } from '@heliograph/tl/api';
import { ALICE, BOB, CAROL, messagesOf, openChat, sentId, texts, updatesOf, type Chat } from '../../testing/chat';

const SELF: TypeInputPeer = { _: 'inputPeerSelf' };

describe('Saved Messages by what they are from', () => {
  let chat: Chat;
  let group: number;
  let note: number;
  const kept = { bob: 0, group: 0, channel: 0 };
  let channel: number;
  let randomIds = 1n;
  beforeEach(async () => {
    chat = await openChat();
    note = await chat.say(ALICE, ALICE, 'a note with https://example.org');
    kept.bob = await keep(chat.peer(ALICE, BOB), await chat.say(ALICE, BOB, 'said to bob https://example.org'));
    group = await chat.group(ALICE, [BOB], 'Group');
    kept.group = await keep({ _: 'inputPeerChat', chat_id: group }, await chat.sayIn(ALICE, group, 'said in the group'));
    channel = await chat.channel(ALICE, [], 'Channel');
    const post = sentId(await chat.call(ALICE, { _: 'messages.sendMessage', peer: chat.channelPeer(ALICE, channel), message: 'said in the channel', random_id: (randomIds += 1n) }));
    kept.channel = await keep(chat.channelPeer(ALICE, channel), post);
  });
  afterEach(() => chat.close());

  async function keep(from_peer: TypeInputPeer, id: number): Promise<number> {
    return sentId(await chat.call(ALICE, { _: 'messages.forwardMessages', from_peer, to_peer: SELF, id: [id], random_id: [(randomIds += 1n)] }));
  }
  async function dialogs(more: Partial<Api['messages.getSavedDialogs']['request']> = {}): Promise<MessagesSavedDialogs | MessagesSavedDialogsSlice> {
    const answer = await chat.call(ALICE, { _: 'messages.getSavedDialogs', offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 10, hash: 0n, ...more });
    if (answer._ === 'messages.savedDialogsNotModified') throw new Error('not modified');
    return answer;
  }
  const tops = (answer: { dialogs: { top_message: number }[] }): number[] => answer.dialogs.map(({ top_message }) => top_message);
  const page = { offset_id: 0, offset_date: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0, hash: 0n };
  const history = async (peer: TypeInputPeer) => messagesOf(await chat.call(ALICE, { _: 'messages.getSavedHistory', peer, ...page }));
  const pin = (peer: TypeInputPeer, pinned = true) => chat.call(ALICE, { _: 'messages.toggleSavedDialogPin', pinned, peer: { _: 'inputDialogPeer', peer } });
  const pinnedOnes = async () => tops(await chat.call(ALICE, { _: 'messages.getPinnedSavedDialogs' }) as MessagesSavedDialogs);

  it('lists a part for each chat, in pages, and each part its messages', async () => {
    const all = await dialogs();
    expect(all).toMatchObject({ _: 'messages.savedDialogs', dialogs: [{ peer: { channel_id: channel } }, { peer: { chat_id: group } }, { peer: { user_id: BOB } }, { peer: { user_id: ALICE } }] });
    expect(tops(all)).toEqual([kept.channel, kept.group, kept.bob, note]);
    expect(all.messages).toMatchObject([{ saved_peer_id: { channel_id: channel } }, { saved_peer_id: { chat_id: group } }, { saved_peer_id: { user_id: BOB } }, { saved_peer_id: { user_id: ALICE } }]);
    const first = await dialogs({ limit: 3 });
    expect(first).toMatchObject({ _: 'messages.savedDialogsSlice', count: 4 });
    const last = first.messages[2] as { id: number; date: number };
    expect(tops(await dialogs({ offset_id: last.id, offset_date: last.date, offset_peer: chat.peer(ALICE, BOB) }))).toEqual([note]);
    expect(texts(await history(chat.peer(ALICE, BOB)))).toEqual(['said to bob https://example.org']);
    expect(texts(await history(chat.channelPeer(ALICE, channel)))).toEqual(['said in the channel']);
    expect(texts(await history(SELF))).toEqual(['a note with https://example.org']);
    expect(await history(chat.peer(ALICE, CAROL))).toEqual([]);
    expect(tops(await chat.call(ALICE, { _: 'messages.getSavedDialogsByID', ids: [chat.peer(ALICE, CAROL), { _: 'inputPeerChat', chat_id: group }] }) as MessagesSavedDialogs)).toEqual([kept.group]);
    expect(await chat.history(ALICE, ALICE)).toHaveLength(4);
  });

  it('searches, counts and places within a part', async () => {
    const saved_peer_id = chat.peer(ALICE, BOB);
    const find = async (more: Partial<Api['messages.search']['request']>) => texts(messagesOf(await chat.call(ALICE, { _: 'messages.search', peer: SELF, q: '', filter: { _: 'inputMessagesFilterEmpty' }, min_date: 0, max_date: 0, ...page, ...more })));
    expect(await find({ q: 'said' })).toHaveLength(3);
    expect(await find({ q: 'said', saved_peer_id })).toEqual(['said to bob https://example.org']);
    expect(await find({ saved_peer_id: SELF, filter: { _: 'inputMessagesFilterUrl' } })).toEqual(['a note with https://example.org']);
    expect(await find({ saved_peer_id: { _: 'inputPeerChat', chat_id: group } })).toEqual(['said in the group']);
    expect(await find({ saved_peer_id: chat.peer(ALICE, CAROL) })).toEqual([]);
    const filters = [{ _: 'inputMessagesFilterUrl' }, { _: 'inputMessagesFilterEmpty' }, { _: 'inputMessagesFilterPinned' }] as const;
    const counts = async (input?: TypeInputPeer) => (await chat.call(ALICE, { _: 'messages.getSearchCounters', peer: SELF, saved_peer_id: input, filters: [...filters] })).map(({ count }) => count);
    await chat.call(ALICE, { _: 'messages.updatePinnedMessage', peer: SELF, id: kept.bob });
    // That something was pinned is said among the owner's own.
    expect([await counts(), await counts(saved_peer_id), await counts(SELF)]).toEqual([[2, 5, 1], [1, 1, 1], [1, 2, 0]]);
    expect(await chat.call(ALICE, { _: 'messages.getSearchResultsPositions', peer: SELF, saved_peer_id, filter: filters[0], offset_id: 0, limit: 5 })).toMatchObject({ count: 1, positions: [{ msg_id: kept.bob }] });
    expect(await chat.call(ALICE, { _: 'messages.unpinAllMessages', peer: SELF, saved_peer_id: SELF })).toMatchObject({ pts_count: 0 });
    expect(await chat.call(ALICE, { _: 'messages.unpinAllMessages', peer: SELF, saved_peer_id })).toMatchObject({ pts_count: 1 });
  });

  it('pins parts, in an order, and tells so', async () => {
    const { pts } = await chat.call(ALICE, { _: 'updates.getState' });
    await pin(chat.peer(ALICE, BOB));
    await pin(chat.channelPeer(ALICE, channel));
    expect(await pinnedOnes()).toEqual([kept.channel, kept.bob]);
    expect((await dialogs()).dialogs).toMatchObject([{ pinned: true }, {}, { pinned: true }, {}]);
    expect(tops(await dialogs({ exclude_pinned: true }))).toEqual([kept.group, note]);
    const order = [chat.peer(ALICE, BOB), { _: 'inputPeerChat', chat_id: group } as const].map((peer) => ({ _: 'inputDialogPeer' as const, peer }));
    await chat.call(ALICE, { _: 'messages.reorderPinnedSavedDialogs', force: true, order });
    expect(await pinnedOnes()).toEqual([kept.bob, kept.group]);
    await pin(chat.peer(ALICE, BOB), false);
    expect(await pinnedOnes()).toEqual([kept.group]);
    expect((await chat.call(ALICE, { _: 'updates.getState' })).pts).toBe(pts);
    await expect(pin(chat.peer(ALICE, CAROL))).rejects.toThrow('PEER_ID_INVALID');
    await expect(pin(chat.peer(BOB, CAROL))).rejects.toThrow('PEER_ID_INVALID');
  });

  it('deletes a part, and no other', async () => {
    await pin(chat.peer(ALICE, BOB));
    const gone = await chat.call(ALICE, { _: 'messages.deleteSavedHistory', peer: chat.peer(ALICE, BOB), max_id: 0 });
    expect(gone).toMatchObject({ pts_count: 1, offset: 0 });
    expect(await pinnedOnes()).toEqual([]);
    expect(tops(await dialogs())).toEqual([kept.channel, kept.group, note]);
    expect(await chat.history(ALICE, ALICE)).toHaveLength(3);
    expect(await chat.history(ALICE, BOB)).toHaveLength(1);
    await chat.call(ALICE, { _: 'messages.deleteMessages', id: [kept.group] });
    expect(tops(await dialogs())).toEqual([kept.channel, note]);
    expect(updatesOf(await chat.call(ALICE, { _: 'messages.forwardMessages', from_peer: SELF, to_peer: chat.peer(ALICE, BOB), id: [kept.channel], random_id: [9n] }))).toHaveLength(2);
    await expect(chat.call(ALICE, { _: 'messages.readSavedHistory', parent_peer: chat.channelPeer(ALICE, channel), peer: SELF, max_id: 1 })).rejects.toThrow('PARENT_PEER_INVALID');
  });
});
