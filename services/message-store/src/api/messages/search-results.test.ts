import type { Logger } from '@heliograph/service-kit/kit';
import { systemClock } from '@heliograph/service-kit/system-clock';
import type { Api, Message, TypeInputPeer, TypeMessagesFilter } from '@heliograph/tl/api';
import { ALICE, BOB, openChat, type Chat } from '../../testing/chat';

const LINKS: TypeMessagesFilter = { _: 'inputMessagesFilterUrl' };

describe('messages of a kind by days and places', () => {
  /** Noon of the day that it is. */
  let noon: number;
  let chat: Chat;
  beforeEach(async () => {
    noon = Date.UTC(2026, 0, 1, 12);
    const clock = systemClock(() => console as unknown as Logger);
    const started = clock.now();
    chat = await openChat({ clock: { ...clock, now: () => noon + clock.now() - started } });
  });
  afterEach(() => chat.close());

  const toBob = (): TypeInputPeer => chat.peer(ALICE, BOB);
  const calendar = (more: Partial<Api['messages.getSearchResultsCalendar']['request']> = {}) =>
    chat.call(ALICE, { _: 'messages.getSearchResultsCalendar', peer: toBob(), filter: LINKS, offset_id: 0, offset_date: 0, ...more });
  const positions = (more: Partial<Api['messages.getSearchResultsPositions']['request']> = {}) =>
    chat.call(ALICE, { _: 'messages.getSearchResultsPositions', peer: toBob(), filter: LINKS, offset_id: 0, limit: 100, ...more });

  /** A day with one link, and one with three, among other messages; ids by day, oldest first. */
  async function twoDays(): Promise<[number[], number[]]> {
    const days: [number[], number[]] = [[], []];
    for (const [day, count] of [1, 3].entries()) {
      for (let each = 0; each < count; each += 1) {
        await chat.say(ALICE, BOB, 'just words');
        days[day]?.push(await chat.say(ALICE, BOB, `see https://example.org/${day}/${each}`));
      }
      noon += 86_400_000;
    }
    return days;
  }

  it('splits them by days, newest first, and goes on from a message', async () => {
    const [first, second] = await twoDays();
    const all = await calendar();
    expect(all).toMatchObject({ count: 4, offset_id_offset: 2, min_msg_id: first[0] });
    expect(all.inexact).toBeFalsy();
    expect(all.periods).toMatchObject([
      { date: Date.UTC(2026, 0, 2) / 1_000, min_msg_id: second[0], max_msg_id: second[2], count: 3 }, { date: Date.UTC(2026, 0, 1) / 1_000, min_msg_id: first[0], max_msg_id: first[0], count: 1 },
    ]);
    expect(all.messages.map(({ id }) => id)).toEqual([second[0], first[0]]);
    expect(all.min_date).toBe((all.messages[1] as Message).date);
    const rest = await calendar({ offset_id: second[1] });
    expect(rest).toMatchObject({ count: 4, offset_id_offset: 2 });
    expect(rest.periods.map(({ count }) => count)).toEqual([1, 1]);
    expect((await calendar({ offset_date: Date.UTC(2026, 0, 2) / 1_000 })).periods.map(({ count }) => count)).toEqual([1]);
    expect(await calendar({ offset_id: first[0] })).toMatchObject({ count: 4, periods: [], messages: [] });
  });

  it('tells places of some of them, evenly apart, and leaves out what is gone', async () => {
    const ids = (await twoDays()).flat().reverse();
    expect((await positions()).positions.map(({ msg_id, offset }) => [msg_id, offset])).toEqual(ids.map((id, index) => [id, index]));
    expect((await positions({ limit: 2 })).positions).toMatchObject([{ msg_id: ids[0], offset: 0 }, { msg_id: ids[2], offset: 2 }]);
    expect((await positions({ offset_id: ids[1] })).positions.map(({ offset }) => offset)).toEqual([2, 3]);
    expect(await positions({ limit: 0 })).toMatchObject({ count: 4, positions: [] });
    await chat.call(ALICE, { _: 'messages.deleteMessages', id: [ids[0] as number], revoke: true });
    await chat.call(ALICE, { _: 'messages.editMessage', peer: toBob(), id: ids[1] as number, message: 'no link any more' });
    expect(await positions()).toMatchObject({ count: 2, positions: ids.slice(2).map((id, index) => ({ msg_id: id, offset: index })) });
    await chat.call(ALICE, { _: 'messages.updatePinnedMessage', peer: toBob(), id: ids[3] as number });
    expect(await positions({ filter: { _: 'inputMessagesFilterPinned' } })).toMatchObject({ count: 1, positions: [{ msg_id: ids[3], offset: 0 }] });
    expect(await positions({ filter: { _: 'inputMessagesFilterPhotoVideo' } })).toMatchObject({ count: 0, positions: [] });
  });

  it('does so in a channel, of whose hidden history it tells nothing', async () => {
    const id = await chat.channel(ALICE, [], 'Links');
    await chat.call(ALICE, { _: 'messages.sendMessage', peer: chat.channelPeer(ALICE, id), message: 'https://example.org/before', random_id: 1n });
    await chat.call(ALICE, { _: 'channels.togglePreHistoryHidden', channel: chat.inputChannel(ALICE, id), enabled: true });
    await chat.call(ALICE, { _: 'channels.inviteToChannel', channel: chat.inputChannel(ALICE, id), users: [chat.inputUser(ALICE, BOB)] });
    await chat.call(ALICE, { _: 'messages.sendMessage', peer: chat.channelPeer(ALICE, id), message: 'https://example.org/after', random_id: 2n });
    const asked = { _: 'messages.getSearchResultsPositions', filter: LINKS, offset_id: 0, limit: 10 } as const;
    expect((await chat.call(ALICE, { ...asked, peer: chat.channelPeer(ALICE, id) })).count).toBe(2);
    expect((await chat.call(BOB, { ...asked, peer: chat.channelPeer(BOB, id) })).count).toBe(1);
    expect((await chat.call(BOB, { _: 'messages.getSearchResultsCalendar', peer: chat.channelPeer(BOB, id), filter: LINKS, offset_id: 0, offset_date: 0 })).periods).toMatchObject([{ count: 1 }]);
  });

  it('refuses what is no kind of media', async () => {
    for (const filter of [{ _: 'inputMessagesFilterEmpty' }, { _: 'inputMessagesFilterMyMentions' }] as const) {
      await expect(calendar({ filter })).rejects.toThrow('FILTER_NOT_SUPPORTED');
      await expect(positions({ filter })).rejects.toThrow('FILTER_NOT_SUPPORTED');
    }
    await expect(calendar({ peer: chat.peer(BOB, ALICE) })).rejects.toThrow('PEER_ID_INVALID');
  });
});
