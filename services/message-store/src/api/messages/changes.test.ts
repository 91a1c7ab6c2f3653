import { eventually } from '@heliograph/testing/eventually';
import { fakeClock, type FakeClock } from '@heliograph/testing/fake-clock';
import { systemClock } from '@heliograph/service-kit/system-clock';
import type { Message } from '@heliograph/tl/api';
import { ALICE, BOB, CAROL, openChat, texts, updatesOf, type Chat } from '../../testing/chat';

/** Real timers, so that the engine runs; a hand that turns the date on. */
function steppingClock(): { clock: FakeClock; step(seconds: number): void } {
  const real = systemClock(() => ({ debug() {}, info() {}, warn() {}, error() {} }));
  let ahead = 0;
  const clock = { ...fakeClock(), ...real, now: () => real.now() + ahead };
  return { clock, step: (seconds) => { ahead += seconds * 1000; } };
}

describe('changes of messages', () => {
  let chat: Chat;
  let step: (seconds: number) => void;
  beforeEach(async () => {
    const stepping = steppingClock();
    step = stepping.step;
    chat = await openChat({ clock: stepping.clock });
  });
  afterEach(() => chat.close());

  const seen = (of: number, peer: number, count: number) => eventually(async () => {
    const history = await chat.history(of, peer);
    return history.length === count ? history as Message[] : undefined;
  });
  const edit = (user: number, peer: number, id: number, message: string) => chat.call(user, { _: 'messages.editMessage', peer: chat.peer(user, peer), id, message });

  describe('messages.editMessage', () => {
    it('changes the text on both sides and tells its pts', async () => {
      const id = await chat.say(ALICE, BOB, 'teh');
      const { pts } = await chat.call(ALICE, { _: 'updates.getState' });
      expect(updatesOf(await edit(ALICE, BOB, id, 'the'))).toMatchObject([{ _: 'updateEditMessage', pts: pts + 1, pts_count: 1, message: { id, message: 'the', edit_date: expect.any(Number) } }]);
      await eventually(async () => texts(await chat.history(BOB, ALICE))[0] === 'the');
    });

    it('refuses what is not one\'s own, not there, unchanged, or too old', async () => {
      const id = await chat.say(ALICE, BOB, 'mine');
      const [theirs] = await seen(BOB, ALICE, 1);
      await expect(edit(BOB, ALICE, theirs?.id ?? 0, 'hers')).rejects.toThrow('MESSAGE_AUTHOR_REQUIRED');
      await expect(edit(ALICE, CAROL, id, 'x')).rejects.toThrow('MESSAGE_ID_INVALID');
      await expect(edit(ALICE, BOB, 4711, 'x')).rejects.toThrow('MESSAGE_ID_INVALID');
      await expect(edit(ALICE, BOB, id, ' mine ')).rejects.toThrow('MESSAGE_NOT_MODIFIED');
      await expect(edit(ALICE, BOB, id, ' ')).rejects.toThrow('MESSAGE_EMPTY');
      const note = await chat.say(ALICE, ALICE, 'note');
      step(48 * 3600 + 1);
      await expect(edit(ALICE, BOB, id, 'late')).rejects.toThrow('MESSAGE_EDIT_TIME_EXPIRED');
      expect(updatesOf(await edit(ALICE, ALICE, note, 'never late'))).toHaveLength(1);
    });

    it('keeps a pinned message pinned and a reply a reply', async () => {
      const first = await chat.say(ALICE, BOB, 'first');
      const id = await chat.say(ALICE, BOB, 'reply', { reply_to: { _: 'inputReplyToMessage', reply_to_msg_id: first } });
      await chat.call(ALICE, { _: 'messages.updatePinnedMessage', peer: chat.peer(ALICE, BOB), id, pm_oneside: true });
      expect(updatesOf(await edit(ALICE, BOB, id, 'edited'))).toMatchObject([{ message: { pinned: true, reply_to: { reply_to_msg_id: first } } }]);
    });
  });

  describe('messages.deleteMessages', () => {
    it('deletes for oneself, or for both whoever wrote it', async () => {
      const [one, two] = [await chat.say(ALICE, BOB, 'one'), await chat.say(ALICE, BOB, 'two')];
      const theirs = await seen(BOB, ALICE, 2);
      expect(await chat.call(ALICE, { _: 'messages.deleteMessages', id: [one, one, 999, 0] })).toMatchObject({ _: 'messages.affectedMessages', pts_count: 1 });
      expect(texts(await chat.history(ALICE, BOB))).toEqual(['two']);
      await chat.call(BOB, { _: 'messages.deleteMessages', id: [theirs[0]?.id ?? 0], revoke: true });
      await seen(ALICE, BOB, 0);
      expect(texts(await chat.history(BOB, ALICE))).toEqual(['one']);
      expect(await chat.call(ALICE, { _: 'messages.deleteMessages', id: [two] })).toMatchObject({ pts_count: 0 });
    });

    it('refuses more than 100 ids', async () => {
      await expect(chat.call(ALICE, { _: 'messages.deleteMessages', id: Array.from({ length: 101 }, (_, i) => i + 1) })).rejects.toThrow('LIMIT_INVALID');
    });
  });

  describe('messages.deleteHistory', () => {
    it('empties the chat for both and takes it off the list', async () => {
      for (let i = 0; i < 5; i += 1) await chat.say(i % 2 ? ALICE : BOB, i % 2 ? BOB : ALICE, `m${i}`);
      await seen(ALICE, BOB, 5);
      await seen(BOB, ALICE, 5);
      const { pts } = await chat.call(ALICE, { _: 'updates.getState' });
      expect(await chat.call(ALICE, { _: 'messages.deleteHistory', peer: chat.peer(ALICE, BOB), max_id: 0, revoke: true })).toEqual({ _: 'messages.affectedHistory', pts: pts + 5, pts_count: 5, offset: 0 });
      await seen(ALICE, BOB, 0);
      await seen(BOB, ALICE, 0);
      expect(await chat.call(ALICE, { _: 'messages.getDialogs', offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 10, hash: 0n })).toMatchObject({ dialogs: [] });
    });

    it('clears more than one slice at once', async () => {
      await Promise.all(Array.from({ length: 130 }, (_, i) => chat.say(ALICE, ALICE, `n${i}`)));
      expect(await chat.call(ALICE, { _: 'messages.deleteHistory', peer: { _: 'inputPeerSelf' }, max_id: 0 })).toMatchObject({ pts_count: 130, offset: 0 });
    });
  });

  describe('messages.forwardMessages', () => {
    const forward = (user: number, from: number, to: number, id: number[], more = {}) => chat.call(user, {
      _: 'messages.forwardMessages', from_peer: chat.peer(user, from), to_peer: chat.peer(user, to), id, random_id: id.map((each) => BigInt(each) + 1000n), ...more,
    });

    it('sends copies in order with their origin, and the same again when repeated', async () => {
      const ids = [await chat.say(ALICE, BOB, 'a'), await chat.say(ALICE, BOB, 'b'), await chat.say(ALICE, BOB, 'c')];
      const updates = updatesOf(await forward(ALICE, BOB, CAROL, ids));
      expect(updates.map((update) => update._)).toEqual([...ids.map(() => 'updateMessageID'), ...ids.map(() => 'updateNewMessage')]);
      const theirs = await seen(CAROL, ALICE, 3);
      expect(texts(theirs)).toEqual(['c', 'b', 'a']);
      expect(theirs[0]?.fwd_from).toMatchObject({ from_id: { user_id: ALICE }, date: expect.any(Number) });
      expect(updatesOf(await forward(ALICE, BOB, CAROL, ids))).toEqual(updates);
      await seen(CAROL, ALICE, 3);
    });

    it('names the first author of what was forwarded before, nobody when asked, and the source in Saved Messages', async () => {
      await chat.say(BOB, ALICE, 'bob said');
      const [source] = await seen(ALICE, BOB, 1);
      await forward(ALICE, BOB, CAROL, [source?.id ?? 0]);
      const [copy] = await seen(CAROL, ALICE, 1);
      await forward(CAROL, ALICE, BOB, [copy?.id ?? 0]);
      expect((await seen(BOB, CAROL, 1))[0]?.fwd_from).toMatchObject({ from_id: { user_id: BOB } });
      await forward(CAROL, ALICE, ALICE, [copy?.id ?? 0], { drop_author: true, random_id: [5n] });
      expect((await seen(ALICE, CAROL, 2))[0]?.fwd_from).toBeUndefined();
      await forward(ALICE, BOB, ALICE, [source?.id ?? 0], { random_id: [6n] });
      expect((await seen(ALICE, ALICE, 1))[0]?.fwd_from).toMatchObject({ from_id: { user_id: BOB }, saved_from_peer: { user_id: BOB }, saved_from_msg_id: source?.id });
    });

    it('passes over what is gone', async () => {
      const [first, gone, last] = [await chat.say(ALICE, BOB, 'first'), await chat.say(ALICE, BOB, 'gone'), await chat.say(ALICE, BOB, 'last')];
      await chat.call(ALICE, { _: 'messages.deleteMessages', id: [gone], revoke: true });
      const updates = updatesOf(await forward(ALICE, BOB, CAROL, [first, gone, last, 4711], { random_id: [7n, 8n, 9n, 10n] }));
      expect(updates.flatMap((update) => (update._ === 'updateMessageID' ? [update.random_id] : []))).toEqual([7n, 9n]);
      expect((await seen(CAROL, ALICE, 2)).map(({ message }) => message)).toEqual(['last', 'first']);
      await expect(forward(ALICE, BOB, CAROL, [gone, 4711], { random_id: [11n, 12n] })).rejects.toThrow('MESSAGE_ID_INVALID');
    });

    it('refuses what is not in that chat, is protected, or is badly numbered', async () => {
      const id = await chat.say(ALICE, BOB, 'x', { noforwards: true });
      await expect(forward(ALICE, BOB, CAROL, [id])).rejects.toThrow('CHAT_FORWARDS_RESTRICTED');
      await expect(forward(ALICE, CAROL, BOB, [id])).rejects.toThrow('MESSAGE_ID_INVALID');
      await expect(forward(ALICE, BOB, CAROL, [])).rejects.toThrow('MESSAGE_IDS_EMPTY');
      await expect(forward(ALICE, BOB, CAROL, [id], { random_id: [] })).rejects.toThrow('RANDOM_ID_INVALID');
      await expect(forward(ALICE, BOB, CAROL, [id, id], { random_id: [1n, 1n] })).rejects.toThrow('RANDOM_ID_DUPLICATE');
    });
  });

  describe('pins', () => {
    const pin = (user: number, peer: number, id: number, more = {}) => chat.call(user, { _: 'messages.updatePinnedMessage', peer: chat.peer(user, peer), id, ...more });
    const pinned = async (user: number, peer: number) => {
      const answer = await chat.call(user, { _: 'messages.search', peer: chat.peer(user, peer), q: '', filter: { _: 'inputMessagesFilterPinned' }, min_date: 0, max_date: 0, offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0, hash: 0n });
      return texts((answer as { messages: Message[] }).messages);
    };

    it('pins for both with a notice, once, and unpins', async () => {
      const id = await chat.say(ALICE, BOB, 'important');
      const updates = updatesOf(await pin(ALICE, BOB, id));
      expect(updates).toMatchObject([{ _: 'updatePinnedMessages', pinned: true, messages: [id], pts_count: 1 }, { _: 'updateNewMessage', message: { _: 'messageService', action: { _: 'messageActionPinMessage' }, reply_to: { reply_to_msg_id: id } } }]);
      expect(updatesOf(await pin(ALICE, BOB, id))).toEqual([]);
      await eventually(async () => (await pinned(BOB, ALICE)).length === 1 && (await chat.history(BOB, ALICE)).length === 2);
      expect((await chat.history(BOB, ALICE)).map((message) => message._)).toEqual(['messageService', 'message']);
      await pin(ALICE, BOB, id, { unpin: true });
      expect(await pinned(ALICE, BOB)).toEqual([]);
      await eventually(async () => (await pinned(BOB, ALICE)).length === 0);
    });

    it('pins on one side only without a notice, and unpins all', async () => {
      const ids = [await chat.say(ALICE, BOB, 'one'), await chat.say(ALICE, BOB, 'two')];
      for (const id of ids) expect(updatesOf(await pin(ALICE, BOB, id, { pm_oneside: true }))).toHaveLength(1);
      expect(await pinned(ALICE, BOB)).toEqual(['two', 'one']);
      expect(await pinned(BOB, ALICE)).toEqual([]);
      expect(await chat.call(ALICE, { _: 'messages.unpinAllMessages', peer: chat.peer(ALICE, BOB) })).toMatchObject({ _: 'messages.affectedHistory', offset: 0 });
      expect(await pinned(ALICE, BOB)).toEqual([]);
      await expect(pin(ALICE, BOB, 4711)).rejects.toThrow('MESSAGE_ID_INVALID');
    });
  });
});
