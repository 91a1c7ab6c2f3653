import { ALICE, BOB, CAROL, messagesOf, openChat, sentId, texts, updatesOf, type Chat } from '../../testing/chat';
import { eventually } from '@heliograph/testing/eventually';

describe('messages.sendMessage', () => {
  let chat: Chat;
  beforeEach(async () => {
    chat = await openChat();
  });
  afterEach(() => chat.close());

  const send = (from: number, to: number, message: string, random_id = 1n) => ({ _: 'messages.sendMessage' as const, peer: chat.peer(from, to), message, random_id });
  const state = (user: number) => chat.call(user, { _: 'updates.getState' });

  it('stores a message on both sides with rising pts and answers short', async () => {
    const before = await state(ALICE);
    const answer = await chat.call(ALICE, send(ALICE, BOB, 'hello @bobby'));
    expect(answer).toMatchObject({ _: 'updateShortSentMessage', out: true, pts: before.pts + 1, pts_count: 1, entities: [{ _: 'messageEntityMention', offset: 6, length: 6 }] });
    expect(await chat.history(ALICE, BOB)).toMatchObject([{ id: sentId(answer), out: true, message: 'hello @bobby', from_id: { user_id: ALICE }, peer_id: { user_id: BOB } }]);
    const theirs = await eventually(async () => (await chat.history(BOB, ALICE))[0]);
    expect(theirs).toMatchObject({ message: 'hello @bobby', from_id: { user_id: ALICE }, peer_id: { user_id: ALICE } });
    expect(theirs.out).toBeFalsy();
    expect((await state(ALICE)).pts).toBe(before.pts + 1);
    expect(await state(BOB)).toMatchObject({ unread_count: 1 });
    await eventually(() => chat.touched.length > 0);
    expect(chat.touched).toEqual([ALICE]);
  });

  it('answers a repeated random_id with the first message', async () => {
    const first = sentId(await chat.call(ALICE, send(ALICE, BOB, 'once', 77n)));
    const repeated = updatesOf(await chat.call(ALICE, send(ALICE, BOB, 'once', 77n)));
    expect(repeated).toMatchObject([{ _: 'updateMessageID', id: first, random_id: 77n }, { _: 'updateNewMessage', message: { id: first, message: 'once' } }]);
    expect(texts(await chat.history(ALICE, BOB))).toEqual(['once']);
    await eventually(async () => (await chat.history(BOB, ALICE)).length === 1);
  });

  it('answers in full where the client could not know the message', async () => {
    expect(updatesOf(await chat.call(ALICE, send(ALICE, BOB, '  trimmed ')))).toMatchObject([{ _: 'updateMessageID' }, { message: { message: 'trimmed' } }]);
    expect(updatesOf(await chat.call(ALICE, { ...send(ALICE, ALICE, 'note', 2n), peer: { _: 'inputPeerSelf' } })))
      .toMatchObject([{ _: 'updateMessageID', random_id: 2n }, { _: 'updateNewMessage', pts_count: 1, message: { message: 'note', peer_id: { user_id: ALICE }, saved_peer_id: { user_id: ALICE } } }]);
    expect(updatesOf(await chat.call(ALICE, { ...send(ALICE, BOB, 'quiet', 3n), silent: true }))).toMatchObject([{}, { message: { silent: true } }]);
  });

  it('replies by each side\'s own id, with a quote that the original has', async () => {
    await chat.say(BOB, CAROL, 'so that ids differ');
    const original = await chat.say(ALICE, BOB, 'the quick brown fox');
    const reply = await chat.call(ALICE, { ...send(ALICE, BOB, 'indeed'), reply_to: { _: 'inputReplyToMessage', reply_to_msg_id: original, quote_text: 'brown', quote_offset: 10 } });
    expect(updatesOf(reply)[1]).toMatchObject({ message: { reply_to: { reply_to_msg_id: original, quote: true, quote_text: 'brown', quote_offset: 10 } } });
    const [theirReply, theirOriginal] = await eventually(async () => {
      const history = await chat.history(BOB, ALICE);
      return history.length === 2 ? history : undefined;
    });
    expect(theirReply).toMatchObject({ message: 'indeed', reply_to: { reply_to_msg_id: theirOriginal?.id, quote_text: 'brown' } });
    expect(theirOriginal?.id).not.toBe(original);
    expect(messagesOf(await chat.call(ALICE, { _: 'messages.getMessages', id: [{ _: 'inputMessageReplyTo', id: sentId(reply) }, { _: 'inputMessageID', id: 999 }] })))
      .toMatchObject([{ id: original, message: 'the quick brown fox' }, { _: 'messageEmpty', id: 999 }]);
    await expect(chat.call(ALICE, { ...send(ALICE, BOB, 'x', 5n), reply_to: { _: 'inputReplyToMessage', reply_to_msg_id: original, quote_text: 'red' } })).rejects.toThrow('QUOTE_TEXT_INVALID');
    await expect(chat.call(ALICE, { ...send(ALICE, CAROL, 'x', 6n), reply_to: { _: 'inputReplyToMessage', reply_to_msg_id: original } })).rejects.toThrow('REPLY_MESSAGE_ID_INVALID');
  });

  it('keeps what a blocked sender writes from the other side without telling', async () => {
    await chat.block(BOB, ALICE);
    expect(await chat.call(ALICE, send(ALICE, BOB, 'unheard'))).toMatchObject({ _: 'updateShortSentMessage' });
    await expect(chat.call(BOB, send(BOB, ALICE, 'blocked'))).rejects.toThrow('YOU_BLOCKED_USER');
    await chat.block(BOB, ALICE, false);
    await chat.say(ALICE, BOB, 'heard');
    await eventually(async () => (await chat.history(BOB, ALICE)).length > 0);
    expect(texts(await chat.history(BOB, ALICE))).toEqual(['heard']);
    expect(texts(await chat.history(ALICE, BOB))).toEqual(['heard', 'unheard']);
  });

  it('takes the draft away with the message when asked', async () => {
    await chat.call(ALICE, { _: 'messages.saveDraft', peer: chat.peer(ALICE, BOB), message: 'half' });
    expect(updatesOf(await chat.call(ALICE, { _: 'messages.getAllDrafts' }))).toMatchObject([{ _: 'updateDraftMessage', draft: { message: 'half' } }]);
    await chat.call(ALICE, { ...send(ALICE, BOB, 'whole'), clear_draft: true });
    expect(updatesOf(await chat.call(ALICE, { _: 'messages.getAllDrafts' }))).toEqual([]);
  });

  it.each([
    ['nobody', () => ({ ...send(ALICE, BOB, 'x'), peer: chat.peer(ALICE, 34_000_098) }), 'PEER_ID_INVALID'],
    ['a peer shown to another', () => ({ ...send(ALICE, BOB, 'x'), peer: chat.peer(CAROL, BOB) }), 'PEER_ID_INVALID'],
    ['a zero access hash', () => ({ ...send(ALICE, BOB, 'x'), peer: { ...chat.peer(ALICE, BOB), access_hash: 0n } }), 'PEER_ID_INVALID'],
    ['an empty text', () => send(ALICE, BOB, ' \n'), 'MESSAGE_EMPTY'],
    ['a long text', () => send(ALICE, BOB, 'a'.repeat(4097)), 'MESSAGE_TOO_LONG'],
    ['a time that is too far', () => ({ ...send(ALICE, BOB, 'x'), schedule_date: 2_100_000_000 }), 'SCHEDULE_DATE_TOO_LATE'],
    ['when they are online', () => ({ ...send(ALICE, BOB, 'x'), schedule_date: 0x7ffffffe }), 'SCHEDULE_STATUS_PRIVATE'],
  ])('refuses %s', async (_name, request, error) => {
    await expect(chat.call(ALICE, request())).rejects.toThrow(error);
  });

  it('refuses a deleted account', async () => {
    chat.deleted.add(BOB);
    await expect(chat.call(ALICE, send(ALICE, BOB, 'x'))).rejects.toThrow('INPUT_USER_DEACTIVATED');
  });
});
