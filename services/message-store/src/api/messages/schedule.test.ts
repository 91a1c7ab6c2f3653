import { eventually } from '@heliograph/testing/eventually';
import { fakeClock, type FakeClock } from '@heliograph/testing/fake-clock';
import type { Api, Message, TypeInputPeer, TypeUpdate } from '@heliograph/tl/api';
import { ALICE, BOB, messagesOf, openChat, texts, updatesOf, type Chat } from '../../testing/chat';

describe('what waits for its time', () => {
  let clock: FakeClock;
  let chat: Chat;
  let randomIds = 1n;
  beforeEach(async () => {
    clock = fakeClock();
    chat = await openChat({ clock });
  });
  afterEach(() => chat.close());

  const now = (): number => Math.floor(clock.now() / 1_000);
  const toBob = (): TypeInputPeer => chat.peer(ALICE, BOB);
  const later = async (message: string, seconds: number, more: Partial<Api['messages.sendMessage']['request']> = {}): Promise<TypeUpdate[]> =>
    updatesOf(await chat.call(ALICE, { _: 'messages.sendMessage', peer: toBob(), message, random_id: (randomIds += 1n), schedule_date: now() + seconds, ...more }));
  const queue = async (peer = toBob()): Promise<Message[]> => messagesOf(await chat.call(ALICE, { _: 'messages.getScheduledHistory', peer, hash: 0n })) as Message[];
  /** Time passes, and what is due is done: so many are left with Bob. */
  const pass = async (seconds: number, left: number): Promise<void> => {
    await clock.advance(seconds * 1_000);
    await eventually(async () => (await queue()).length === left);
  };
  const ttl = (user: number, period: number) => chat.call(user, { _: 'messages.setHistoryTTL', peer: chat.peer(user, user === ALICE ? BOB : ALICE), period });

  it('is in the chat\'s queue until it is sent, to both', async () => {
    const answer = await later('in a minute', 60, { silent: true });
    expect(answer).toMatchObject([{ _: 'updateMessageID', id: 1 }, { _: 'updateNewScheduledMessage', message: { id: 1, date: now() + 60, from_scheduled: true, out: true, silent: true, message: 'in a minute' } }]);
    await later('in two', 120);
    expect((await queue()).map(({ id, message }) => [id, message])).toEqual([[2, 'in two'], [1, 'in a minute']]);
    expect(await chat.history(ALICE, BOB)).toEqual([]);
    expect(messagesOf(await chat.call(ALICE, { _: 'messages.getScheduledMessages', peer: toBob(), id: [2, 9] }))).toMatchObject([{ message: 'in two' }, { _: 'messageEmpty', id: 9 }]);
    await pass(62, 1);
    expect(await chat.history(ALICE, BOB)).toMatchObject([{ message: 'in a minute', from_scheduled: true, silent: true }]);
    const [theirs] = await eventually(async () => {
      const history = await chat.history(BOB, ALICE);
      return history.length > 0 ? history : undefined;
    });
    expect(theirs).toMatchObject({ message: 'in a minute', silent: true });
    expect((theirs as Message).from_scheduled).toBeFalsy();
    expect(texts(await queue())).toEqual(['in two']);
  });

  it('is sent at once when its time is near, asked for, or put to now', async () => {
    expect(await later('near', 9, { silent: true })).toMatchObject([{ _: 'updateMessageID' }, { _: 'updateNewMessage' }]);
    const asked = (await later('asked for', 3_600))[0] as { id: number };
    expect(updatesOf(await chat.call(ALICE, { _: 'messages.sendScheduledMessages', peer: toBob(), id: [asked.id] })))
      .toMatchObject([{ _: 'updateNewMessage', message: { message: 'asked for', from_scheduled: true } }, { _: 'updateDeleteScheduledMessages', messages: [asked.id], sent_messages: [expect.any(Number)] }]);
    await expect(chat.call(ALICE, { _: 'messages.sendScheduledMessages', peer: toBob(), id: [asked.id] })).rejects.toThrow('MESSAGE_ID_INVALID');
    const put = (await later('put to now', 3_600))[0] as { id: number };
    await chat.call(ALICE, { _: 'messages.editMessage', peer: toBob(), id: put.id, schedule_date: now() + 1 });
    await pass(2, 0);
    expect(texts(await chat.history(ALICE, BOB))).toEqual(['put to now', 'asked for', 'near']);
  });

  it('is kept once for one random_id, also after it was sent', async () => {
    const once = { random_id: 99n };
    const { id } = (await later('once', 60, once))[0] as { id: number };
    expect(await later('once', 60, once)).toMatchObject([{ _: 'updateMessageID', id, random_id: 99n }, { _: 'updateNewScheduledMessage' }]);
    await pass(62, 0);
    expect(await later('once', 60, once)).toMatchObject([{ _: 'updateMessageID', random_id: 99n }, { _: 'updateNewMessage', message: { message: 'once' } }]);
    expect(texts(await chat.history(ALICE, BOB))).toEqual(['once']);
  });

  it('is changed and given up', async () => {
    const { id } = (await later('first', 3_600))[0] as { id: number };
    const at = now() + 7_200;
    expect(updatesOf(await chat.call(ALICE, { _: 'messages.editMessage', peer: toBob(), id, message: 'second', schedule_date: at }))).toMatchObject([{ _: 'updateNewScheduledMessage', message: { id, message: 'second', date: at } }]);
    await expect(chat.call(ALICE, { _: 'messages.editMessage', peer: toBob(), id, message: 'second', schedule_date: at })).rejects.toThrow('MESSAGE_NOT_MODIFIED');
    await expect(chat.call(ALICE, { _: 'messages.editMessage', peer: toBob(), id: 77, message: 'x', schedule_date: at })).rejects.toThrow('MESSAGE_ID_INVALID');
    expect(updatesOf(await chat.call(ALICE, { _: 'messages.deleteScheduledMessages', peer: toBob(), id: [id] }))).toMatchObject([{ _: 'updateDeleteScheduledMessages', messages: [id], peer: { user_id: BOB } }]);
    expect(await queue()).toEqual([]);
  });

  it('takes forwards, replies, and notes to oneself', async () => {
    const original = await chat.say(ALICE, BOB, 'original');
    await later('a reply', 60, { reply_to: { _: 'inputReplyToMessage', reply_to_msg_id: original } });
    const self: TypeInputPeer = { _: 'inputPeerSelf' };
    await chat.call(ALICE, { _: 'messages.forwardMessages', from_peer: toBob(), id: [original], random_id: [5n], to_peer: self, schedule_date: now() + 60 });
    expect(await queue(self)).toMatchObject([{ message: 'original', fwd_from: { from_id: { user_id: ALICE } } }]);
    await pass(62, 0);
    await eventually(async () => (await queue(self)).length === 0);
    expect(await chat.history(ALICE, BOB)).toMatchObject([{ message: 'a reply', reply_to: { reply_to_msg_id: original } }, {}]);
    expect(texts(await chat.history(ALICE, ALICE))).toEqual(['original']);
  });

  it('stays with its author when the peer has blocked them meanwhile', async () => {
    await later('unheard', 60);
    await later('not even said', 120);
    await chat.block(BOB, ALICE);
    await pass(62, 1);
    await chat.block(BOB, ALICE, false);
    await chat.block(ALICE, BOB);
    await pass(62, 0);
    expect(texts(await chat.history(ALICE, BOB))).toEqual(['unheard']);
    expect([await queue(), await chat.history(BOB, ALICE)]).toEqual([[], []]);
  });

  it('a period takes messages from both sides', async () => {
    await chat.say(ALICE, BOB, 'before');
    expect(updatesOf(await ttl(ALICE, 60))).toMatchObject([{ _: 'updatePeerHistoryTTL', ttl_period: 60 }, { _: 'updateNewMessage', message: { _: 'messageService', action: { _: 'messageActionSetMessagesTTL', period: 60 }, ttl_period: 60 } }]);
    await expect(ttl(ALICE, 60)).rejects.toThrow('CHAT_NOT_MODIFIED');
    await chat.say(BOB, ALICE, 'theirs');
    await chat.say(ALICE, BOB, 'mine');
    expect(await chat.call(ALICE, { _: 'messages.getPeerDialogs', peers: [{ _: 'inputDialogPeer', peer: toBob() }] })).toMatchObject({ dialogs: [{ ttl_period: 60 }] });
    await eventually(async () => (await chat.history(ALICE, BOB)).length === 4 && (await chat.history(BOB, ALICE)).length === 4);
    await clock.advance(62_000);
    await eventually(async () => (await chat.history(ALICE, BOB)).length === 1 && (await chat.history(BOB, ALICE)).length === 1);
    expect([texts(await chat.history(ALICE, BOB)), texts(await chat.history(BOB, ALICE))]).toEqual([['before'], ['before']]);
    expect(updatesOf(await ttl(BOB, 0))).toMatchObject([{ _: 'updatePeerHistoryTTL', ttl_period: undefined }, { message: { action: { period: 0 } } }]);
    await expect(ttl(ALICE, -1)).rejects.toThrow('TTL_PERIOD_INVALID');
    await expect(chat.call(ALICE, { _: 'messages.setHistoryTTL', peer: { _: 'inputPeerSelf' }, period: 60 })).rejects.toThrow('PEER_ID_INVALID');
  });

  it('a period of one\'s own is set in chats that one begins', async () => {
    await chat.call(ALICE, { _: 'messages.setDefaultHistoryTTL', period: 60 });
    expect(await chat.call(ALICE, { _: 'messages.getDefaultHistoryTTL' })).toEqual({ _: 'defaultHistoryTTL', period: 60 });
    expect(await chat.call(ALICE, { _: 'messages.sendMessage', peer: toBob(), message: 'hello', random_id: 3n })).toMatchObject({ _: 'updateShortSentMessage', ttl_period: 60 });
    expect(await chat.history(ALICE, BOB)).toMatchObject([{ message: 'hello', ttl_period: 60 }, { action: { _: 'messageActionSetMessagesTTL', period: 60, auto_setting_from: ALICE } }]);
    await chat.say(ALICE, ALICE, 'note');
    expect((await chat.history(ALICE, ALICE))[0]?.ttl_period).toBeUndefined();
  });
});
