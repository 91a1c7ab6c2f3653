import { openMemoryStorage } from '@heliograph/storage/memory';
import { POLL_VOTES_MAX, UNREAD_VOTES_MAX } from '../limits';
import { delivery, send, TestBox, type Body } from '../test-box';

const ME = 1_048_577 * 32 + 2;
const PEER = 1_048_580 * 32 + 2;
const OTHER = 1_048_583 * 32 + 2;
const GROUP = -(2 ** 21 * 32 + 2);
const NOW = 1_800_000_000;

const terms = { answers: 3, public: true };
const asked = (more: object = {}) => ({ sealed: Buffer.from('?'), poll: { ...terms, ...more } });
const ask = (peer: number, more: object = {}): Body => ({ case: 'send', value: { peer: BigInt(peer), randomId: BigInt(Math.floor(Math.random() * 2 ** 40)), content: asked(more) } });
const vote = (id: number, options: number, more: object = {}): Body => ({ case: 'vote', value: { id, options, ...more } });
const close = (id: number): Body => ({ case: 'closePoll', value: { id } });
const ends = (id: number, at: number): Body => ({ case: 'endPolls', value: { due: [{ hour: Math.floor(at / 3_600), at, kind: 3, id }] } });
let versions = 1_000n;
const copy = (from: number, uid: { box: number; id: number }, value: object): [Body, { origin: { box: bigint; version: bigint; index: number } }] => [
  { case: 'pollCopy', value: { uid: { box: BigInt(uid.box), id: uid.id }, ...value } },
  { origin: { box: BigInt(from), version: (versions += 1n), index: 0 } },
];
const cast = (user: number, options: number): object => ({ vote: { user: BigInt(user), options } });
const votesOf = async (box: TestBox, id: number): Promise<string[]> => ((await box.reader().messages([id]))[0]?.pollVotes ?? []).map(({ user, options, unread }) => `${user === BigInt(ME) ? 'me' : user} ${options}${unread ? ' unread' : ''}`);
const isClosed = async (box: TestBox, id: number): Promise<boolean> => (await box.reader().messages([id]))[0]?.pollClosedVersion !== 0n;
const unreadOf = (box: TestBox, peer: number): number[] => (box.dialogs.get(peer)?.unreadVotes ?? []).map(({ id }) => id);

/** A box with a poll of the peer's, id 2. */
const withPoll = async (more: object = {}, storage?: Parameters<typeof TestBox.open>[1]): Promise<TestBox> => {
  const box = await TestBox.open(ME, storage);
  await box.apply(...delivery(PEER, 40, '?', { content: asked(more) } as never));
  return box;
};

describe('vote', () => {
  test('takes no pts, tells how the poll looks and the peer who voted', async () => {
    const box = await withPoll();
    const change = await box.apply(vote(2, 2), { date: 77 });
    expect([change.ptsCount, change.updates.map(({ pts, ptsCount, change: { case: what } }) => [what, pts, ptsCount])]).toEqual([0, [['poll', 0, 0]]]);
    expect(change.updates[0]?.change.value).toMatchObject({ id: 2, pollVotes: [{ user: BigInt(ME), options: 2, date: 77 }] });
    expect(change.derived).toMatchObject([{ box: PEER, body: { case: 'pollCopy', value: { uid: { box: BigInt(PEER), id: 40 }, vote: { user: BigInt(ME), options: 2 }, closed: false } } }]);
  });

  test('takes the place of the one before, and none takes it back', async () => {
    const box = await withPoll();
    for (const [options, votes] of [[1, ['me 1']], [4, ['me 4']], [0, []], [0, []]] as const) {
      expect((await box.apply(vote(2, options))).error).toBeUndefined();
      expect(await votesOf(box, 2)).toEqual(votes);
    }
  });

  test.each<[string, object, Body[], Body, string]>([
    ['for what is not there', {}, [], vote(9, 1), 'MESSAGE_ID_INVALID'],
    ['for what is no poll', {}, [send(PEER, 'text')], vote(3, 1), 'MESSAGE_ID_INVALID'],
    ['for an answer that there isn’t', {}, [], vote(2, 8), 'OPTION_INVALID'],
    ['for two answers', {}, [], vote(2, 3), 'OPTIONS_TOO_MUCH'],
    ['a second time in a quiz', { final: true }, [vote(2, 1)], vote(2, 2), 'REVOTE_NOT_ALLOWED'],
    ['taken back in a quiz', { final: true }, [vote(2, 1)], vote(2, 0), 'REVOTE_NOT_ALLOWED'],
    ['in a poll that came closed', { closed: true }, [], vote(2, 1), 'MESSAGE_POLL_CLOSED'],
    ['in a poll whose time is over', { closePeriod: 5 }, [], vote(2, 1), 'MESSAGE_POLL_CLOSED'],
    ['in a poll whose date is over', { closeDate: NOW }, [], vote(2, 1), 'MESSAGE_POLL_CLOSED'],
  ])('%s is refused', async (_, more, before, body, error) => {
    const box = await withPoll(more);
    for (const each of before) await box.apply(each);
    expect((await box.apply(body, { date: NOW + 5 })).error).toBe(error);
  });

  test('for several answers counts where that is allowed; in a group it takes a groupCall', async () => {
    const box = await withPoll({ multiple: true });
    await box.apply(vote(2, 5));
    expect(await votesOf(box, 2)).toEqual(['me 5']);
    await box.apply(...delivery(GROUP, 41, '?', { content: asked() } as never));
    expect((await box.apply(vote(3, 1))).error).toBe('PEER_ID_INVALID');
  });

  test('stays with who gave it in Saved Messages and where the peer blocks', async () => {
    const box = await withPoll();
    expect((await box.apply(vote(2, 1, { noDeliver: true }))).derived).toEqual([]);
    await box.apply(ask(ME));
    expect((await box.apply(vote(3, 1))).derived).toEqual([]);
    expect(await votesOf(box, 3)).toEqual(['me 1']);
  });

  test('survives an edit of the text', async () => {
    const box = await TestBox.open(ME);
    await box.apply(ask(PEER));
    await box.apply(...copy(PEER, { box: ME, id: 2 }, cast(PEER, 1)));
    await box.apply({ case: 'edit', value: { id: 2, content: asked({ answers: 1 }) } });
    expect([await votesOf(box, 2), (await box.apply(vote(2, 4))).error]).toEqual([[`${PEER} 1 unread`], undefined]);
  });
});

describe('the end of a poll', () => {
  test('its author says, once', async () => {
    const box = await TestBox.open(ME);
    await box.apply(ask(PEER));
    const change = await box.apply(close(2));
    expect([change.ptsCount, change.updates]).toMatchObject([0, [{ change: { case: 'poll', value: { id: 2 } } }]]);
    expect(change.derived).toMatchObject([{ box: PEER, body: { case: 'pollCopy', value: { uid: { box: BigInt(ME), id: 2 }, closed: true } } }]);
    expect([await isClosed(box, 2), (await box.apply(vote(2, 1))).error, (await box.apply(close(2))).error]).toEqual([true, 'MESSAGE_POLL_CLOSED', 'MESSAGE_NOT_MODIFIED']);
    expect((await (await withPoll()).apply(close(2))).error).toBe('MESSAGE_AUTHOR_REQUIRED');
  });

  test('comes due', async () => {
    const box = await TestBox.open(ME);
    const sent = await box.apply(ask(PEER, { closePeriod: 60 }), { date: NOW });
    expect(sent.rows).toContainEqual({ kind: 'due', at: NOW + 60, due: 3, peer: 0, id: 2 });
    expect((await box.apply(ends(2, NOW + 60), { date: NOW + 59 })).rows).toEqual([]);
    const over = await box.apply(ends(2, NOW + 60), { date: NOW + 60 });
    expect([over.rows.map(({ kind }) => kind), over.derived, over.updates.length, await isClosed(box, 2)]).toEqual([['message', 'dueDone'], [], 1, true]);
    expect((await box.apply(ends(2, NOW + 60), { date: NOW + 61 })).rows.map(({ kind }) => kind)).toEqual(['dueDone']);
  });

  test('is heard of by its author alone, or by the group', async () => {
    const box = await TestBox.open(ME);
    await box.apply(ask(PEER));
    await box.apply(...copy(PEER, { box: ME, id: 2 }, { closed: true }));
    expect(await isClosed(box, 2)).toBe(false);
    await box.apply(...delivery(GROUP, 40, '?', { content: asked() } as never));
    await box.apply(...copy(GROUP, { box: GROUP, id: 40 }, { closed: true }));
    expect(await isClosed(box, 3)).toBe(true);
  });
});

describe('pollCopy', () => {
  test('of an own public poll counts as unread until it is taken back or seen', async () => {
    const box = await TestBox.open(ME);
    await box.apply(ask(PEER));
    const [body, origin] = copy(PEER, { box: ME, id: 2 }, cast(PEER, 1));
    await box.apply(body, origin);
    // Repeated by a relay.
    expect((await box.apply(body, origin)).isEmpty).toBe(true);
    expect([await votesOf(box, 2), unreadOf(box, PEER)]).toEqual([[`${PEER} 1 unread`], [2]]);
    await box.apply(...copy(PEER, { box: ME, id: 2 }, cast(PEER, 0)));
    expect([await votesOf(box, 2), unreadOf(box, PEER)]).toEqual([[], []]);
    await box.apply(...copy(PEER, { box: ME, id: 2 }, cast(PEER, 4)));
    const seen = await box.apply({ case: 'readPollVotes', value: { peer: BigInt(PEER) } });
    expect([seen.ptsCount, seen.updates[0]?.change.value, unreadOf(box, PEER), await votesOf(box, 2)]).toMatchObject([1, { ids: [2] }, [], [`${PEER} 4`]]);
    expect((await box.apply({ case: 'readPollVotes', value: { peer: BigInt(PEER) } })).isEmpty).toBe(true);
  });

  test('is seen with the contents of its message, and forgotten with it', async () => {
    const box = await TestBox.open(ME);
    for (const id of [2, 3]) {
      await box.apply(ask(PEER));
      await box.apply(...copy(PEER, { box: ME, id }, cast(PEER, 1)));
    }
    expect((await box.apply({ case: 'readContents', value: { ids: [2] } })).ptsCount).toBe(1);
    expect([unreadOf(box, PEER), await votesOf(box, 2)]).toEqual([[3], [`${PEER} 1`]]);
    await box.apply({ case: 'delete', value: { ids: [3] } });
    expect(unreadOf(box, PEER)).toEqual([]);
  });

  test('of an anonymous poll, or of somebody else’s, counts nothing', async () => {
    const box = await TestBox.open(ME);
    await box.apply(ask(PEER, { public: false }));
    await box.apply(...copy(PEER, { box: ME, id: 2 }, cast(PEER, 1)));
    await box.apply(...delivery(GROUP, 40, '?', { content: asked() } as never));
    await box.apply(...copy(GROUP, { box: GROUP, id: 40 }, cast(OTHER, 1)));
    expect([unreadOf(box, PEER), unreadOf(box, GROUP), await votesOf(box, 3)]).toEqual([[], [], [`${OTHER} 1`]]);
  });

  test('changes nothing of what never came, is no poll, or is another dialog’s', async () => {
    const box = await TestBox.open(ME);
    await box.apply(ask(PEER));
    await box.apply(send(PEER, 'text'));
    for (const each of [copy(PEER, { box: PEER, id: 7 }, cast(PEER, 1)), copy(PEER, { box: ME, id: 3 }, cast(PEER, 1)), copy(OTHER, { box: ME, id: 2 }, cast(OTHER, 1))]) expect((await box.apply(...each)).updates).toEqual([]);
    await expect(box.apply(...copy(PEER, { box: ME, id: 2 }, cast(OTHER, 1)))).rejects.toThrow('another box');
  });

  test('a message keeps the newest votes, a dialog the newest that were not seen', async () => {
    const box = await TestBox.open(ME);
    await box.apply(...delivery(GROUP, 40, '?', { out: true, from: BigInt(ME), content: asked() } as never));
    for (let user = 1; user <= POLL_VOTES_MAX + 1; user += 1) await box.apply(...copy(GROUP, { box: GROUP, id: 40 }, cast(user, 1)));
    const all = await votesOf(box, 2);
    expect([all.length, all[0], unreadOf(box, GROUP).length]).toEqual([POLL_VOTES_MAX, '2 1 unread', UNREAD_VOTES_MAX]);
  });
});

describe('a repetition after a crash', () => {
  const clock = { now: () => 0, sleep: () => new Promise<void>(() => {}), every: () => ({ stop() {} }) };
  const later: [Body, object?][] = [[close(3)], [{ case: 'delete', value: { ids: [2] } }]];
  test.each<[string, Body, object?]>([
    ['of a vote in a quiz', vote(2, 1)],
    ['of a vote in a poll that was closed after it', vote(3, 1)],
    ['of its end', close(3)],
    ['of one that came due', ends(3, NOW + 60), { date: NOW + 60 }],
    ['of what was seen', { case: 'readPollVotes', value: { peer: BigInt(PEER) } }],
    ['of the peer’s vote', ...copy(PEER, { box: ME, id: 3 }, cast(PEER, 2))],
    ['of a second vote in a quiz', vote(4, 2)],
  ])('%s does the same, although its rows and later ones are there', async (_, body, other = {}) => {
    const box = await withPoll({ final: true }, openMemoryStorage({ clock }));
    await box.apply(ask(PEER, { closePeriod: 60 }), { date: NOW });
    await box.apply(ask(PEER, { final: true }));
    await box.apply(vote(4, 1));
    await box.apply(...copy(PEER, { box: ME, id: 4 }, cast(PEER, 1)));
    const before = { head: box.head, dialogs: box.dialogs.snapshot() };
    const first = await box.apply(body, other);
    for (const [each, more] of later) await box.apply(each, more);
    Object.assign(box, before);
    const again = await box.effect(first.command, first.version);
    const told = (change: typeof first): unknown => [change.error, change.pts, change.ptsCount, change.derived, [...change.dialogs.values()].map(({ unreadVotes }) => unreadVotes), change.rows.filter(({ kind }) => kind !== 'message')];
    expect(told(again)).toEqual(told(first));
  });
});
