import { eventually } from '@heliograph/testing/eventually';
import type { Api } from '@heliograph/tl/api';
import { ALICE, BOB, openChat, texts, type Chat } from '../../testing/chat';

describe('updates.getDifference', () => {
  let chat: Chat;
  beforeEach(async () => {
    chat = await openChat();
  });
  afterEach(() => chat.close());

  const state = (user: number) => chat.call(user, { _: 'updates.getState' });
  const difference = (user: number, pts: number, more: Partial<Api['updates.getDifference']['request']> = {}) => chat.call(user, { _: 'updates.getDifference', pts, date: 1, qts: 0, ...more });
  const reached = (user: number, pts: number) => eventually(async () => (await state(user)).pts === pts);

  it('begins above zero, so that clients can tell a gap before the first change', async () => {
    const { pts } = await state(ALICE);
    expect(pts).toBeGreaterThan(0);
    expect(chat.lastSessionChange()).toMatchObject({ change: { case: 'updatesWanted', value: true } });
    expect(await difference(ALICE, pts)).toMatchObject({ _: 'updates.differenceEmpty', seq: 1 });
  });

  it('tells messages as they are now, and what else changed, up to the state', async () => {
    const before = await state(BOB);
    const kept = await chat.say(ALICE, BOB, 'kept');
    const gone = await chat.say(ALICE, BOB, 'gone');
    const old = await chat.say(ALICE, BOB, 'teh');
    await chat.call(ALICE, { _: 'messages.editMessage', peer: chat.peer(ALICE, BOB), id: old, message: 'the' });
    await chat.call(ALICE, { _: 'messages.deleteMessages', id: [gone], revoke: true });
    await chat.call(ALICE, { _: 'messages.updatePinnedMessage', peer: chat.peer(ALICE, BOB), id: kept, silent: true });
    await reached(BOB, before.pts + 7);
    const answer = await difference(BOB, before.pts);
    if (answer._ !== 'updates.difference') throw new Error(answer._);
    expect(texts(answer.new_messages)).toEqual(['kept', 'the', 'messageService']);
    expect(answer.new_messages[0]).toMatchObject({ pinned: true });
    expect(answer.other_updates.map((update) => update._)).toEqual(['updateEditMessage', 'updateDeleteMessages', 'updatePinnedMessages']);
    expect(answer.state).toMatchObject({ pts: before.pts + 7, seq: 1, qts: 0 });
    expect(await difference(BOB, answer.state.pts)).toMatchObject({ _: 'updates.differenceEmpty' });
  });

  it('goes on in slices from any state, and never says too long', async () => {
    const before = await state(BOB);
    const all = Array.from({ length: 12 }, (_, i) => `m${i}`);
    for (const text of all) await chat.say(ALICE, BOB, text);
    await reached(BOB, before.pts + 12);
    const found: string[] = [];
    let pts = before.pts;
    for (let slices = 1; ; slices += 1) {
      const answer = await difference(BOB, pts, { pts_limit: 5, pts_total_limit: 1 });
      if (answer._ !== 'updates.difference' && answer._ !== 'updates.differenceSlice') throw new Error(answer._);
      found.push(...texts(answer.new_messages));
      pts = answer._ === 'updates.difference' ? answer.state.pts : answer.intermediate_state.pts;
      if (answer._ === 'updates.difference') {
        expect(slices).toBe(3);
        break;
      }
    }
    expect(found).toEqual(all);
    expect(pts).toBe(before.pts + 12);
  });

  it('leads a state from the future back, and refuses a negative one', async () => {
    await chat.say(ALICE, BOB, 'x');
    const { pts } = await state(ALICE);
    expect(await difference(ALICE, pts + 100)).toMatchObject({ _: 'updates.difference', new_messages: [], state: { pts } });
    await expect(difference(ALICE, -1)).rejects.toThrow('PERSISTENT_TIMESTAMP_INVALID');
  });

  it('knows no channel', async () => {
    await expect(chat.call(ALICE, { _: 'updates.getChannelDifference', channel: { _: 'inputChannel', channel_id: 5, access_hash: 1n }, filter: { _: 'channelMessagesFilterEmpty' }, pts: 1, limit: 10 })).rejects.toThrow('CHANNEL_INVALID');
  });
});
