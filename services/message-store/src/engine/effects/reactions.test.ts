import { openMemoryStorage } from '@heliograph/storage/memory';
import { REACTIONS_MAX, RECENT_REACTIONS_MAX, UNREAD_REACTIONS_MAX } from '../limits';
import { delivery, send, TestBox, type Body } from '../test-box';

const ME = 1_048_577 * 32 + 2;
const PEER = 1_048_580 * 32 + 2;
const OTHER = 1_048_583 * 32 + 2;
const GROUP = -(2 ** 21 * 32 + 2);

const emoji = (name: string): { sealed: Uint8Array; token: bigint } => ({ sealed: Buffer.from(name), token: BigInt(name.codePointAt(0) ?? 0) });
const react = (id: number, name: string, more: object = {}): Body => ({ case: 'react', value: { id, reaction: name === '' ? {} : emoji(name), ...more } });
let versions = 1_000n;
const copy = (from: number, uid: { box: number; id: number }, user: number, name: string): [Body, { origin: { box: bigint; version: bigint; index: number } }] => [
  { case: 'reactCopy', value: { uid: { box: BigInt(uid.box), id: uid.id }, reaction: { user: BigInt(user), ...(name === '' ? {} : emoji(name)) } } },
  { origin: { box: BigInt(from), version: (versions += 1n), index: 0 } },
];
const seen = async (box: TestBox, id: number): Promise<string[]> => ((await box.reader().messages([id]))[0]?.reactions ?? []).map(({ user, sealed, unread }) => `${user === BigInt(ME) ? 'me' : user} ${Buffer.from(sealed).toString()}${unread ? ' unread' : ''}`);
const unreadOf = (box: TestBox, peer: number): number[] => (box.dialogs.get(peer)?.unreadReactions ?? []).map(({ id }) => id);

describe('react', () => {
  test('takes a pts as an edit does, without an edit date, and tells who reacted', async () => {
    const box = await TestBox.open(ME);
    await box.apply(...delivery(PEER, 40, 'hi'));
    const change = await box.apply(react(2, 'x'), { date: 77 });
    expect(change.updates.map(({ change: { case: what }, pts, ptsCount }) => [what, pts, ptsCount])).toEqual([['edited', 3, 1], ['reactions', 0, 0]]);
    expect(change.message).toMatchObject({ editDate: 0, editPts: 3, reactions: [{ user: BigInt(ME), date: 77, unread: false }] });
    expect(change.derived).toMatchObject([{ box: PEER, body: { case: 'reactCopy', value: { uid: { box: BigInt(PEER), id: 40 }, reaction: { user: BigInt(ME) } } } }]);
    expect((await box.reader().changes(2, 10)).updates).toMatchObject([{ pts: 3, change: { case: 'edited', value: { id: 2, reactions: [{ user: BigInt(ME) }] } } }]);
  });

  test('another one takes the place of the first, and an empty one takes it back', async () => {
    const box = await TestBox.open(ME);
    await box.apply(...delivery(PEER, 40, 'hi'));
    await box.apply(react(2, 'x'));
    await box.apply(react(2, 'y'));
    expect(await seen(box, 2)).toEqual(['me y']);
    await box.apply(react(2, ''));
    expect(await seen(box, 2)).toEqual([]);
  });

  test.each<[string, Body, string]>([
    ['what is not there', react(9, 'x'), 'MESSAGE_ID_INVALID'],
    ['without a reaction', { case: 'react', value: { id: 2 } }, 'MESSAGE_ID_INVALID'],
    ['a message of a group', react(3, 'x'), 'PEER_ID_INVALID'],
  ])('%s is refused', async (_, body, error) => {
    const box = await TestBox.open(ME);
    await box.apply(...delivery(PEER, 40, 'hi'));
    await box.apply(...delivery(GROUP, 41, 'hi'));
    expect((await box.apply(body)).error).toBe(error);
  });

  test('to a peer who blocks is told nowhere', async () => {
    const box = await TestBox.open(ME);
    await box.apply(send(PEER, 'a'));
    expect((await box.apply(react(2, 'x', { noDeliver: true }))).derived).toEqual([]);
    expect(await seen(box, 2)).toEqual(['me x']);
  });

  test('a pinned message stays one for who hears of the reaction', async () => {
    const box = await TestBox.open(ME);
    await box.apply(send(PEER, 'a'));
    await box.apply({ case: 'pin', value: { peer: BigInt(PEER), id: 2 } });
    expect((await box.apply(react(2, 'x'))).updates[0]?.messagePinned).toBe(true);
  });

  test('an edit keeps what people felt, a deletion does not', async () => {
    const box = await TestBox.open(ME);
    await box.apply(send(PEER, 'a'));
    await box.apply(react(2, 'x'));
    await box.apply(...copy(PEER, { box: ME, id: 2 }, PEER, 'y'));
    await box.apply({ case: 'edit', value: { id: 2, content: { sealed: Buffer.from('b') } } });
    expect(await seen(box, 2)).toEqual(['me x', `${PEER} y unread`]);
    const gone = await box.apply({ case: 'delete', value: { ids: [2] } });
    expect(gone.rows[0]).toMatchObject({ kind: 'message', record: { reactions: [] } });
    expect(unreadOf(box, PEER)).toEqual([]);
  });
});

describe('reactCopy', () => {
  test('to an own message counts as unread until it is taken back', async () => {
    const box = await TestBox.open(ME);
    await box.apply(send(PEER, 'a'));
    const [body, origin] = copy(PEER, { box: ME, id: 2 }, PEER, 'x');
    await box.apply(body, origin);
    expect([await seen(box, 2), unreadOf(box, PEER)]).toEqual([[`${PEER} x unread`], [2]]);
    // Repeated by a relay.
    expect((await box.apply(body, origin)).isEmpty).toBe(true);
    await box.apply(...copy(PEER, { box: ME, id: 2 }, PEER, 'y'));
    expect(unreadOf(box, PEER)).toEqual([2]);
    await box.apply(...copy(PEER, { box: ME, id: 2 }, PEER, ''));
    expect([await seen(box, 2), unreadOf(box, PEER)]).toEqual([[], []]);
  });

  test('to somebody else\'s message counts nothing', async () => {
    const box = await TestBox.open(ME);
    await box.apply(...delivery(GROUP, 40, 'hi'));
    await box.apply(...copy(GROUP, { box: GROUP, id: 40 }, OTHER, 'x'));
    expect([await seen(box, 2), unreadOf(box, GROUP)]).toEqual([[`${OTHER} x`], []]);
  });

  test('one’s own comes back from a group as seen', async () => {
    const box = await TestBox.open(ME);
    await box.apply(...delivery(GROUP, 40, 'hi', { out: true, from: BigInt(ME) }));
    await box.apply(...copy(GROUP, { box: GROUP, id: 40 }, ME, 'x'));
    expect([await seen(box, 2), unreadOf(box, GROUP)]).toEqual([['me x'], []]);
  });

  test('nothing happens to what never came, or is another dialog’s', async () => {
    const box = await TestBox.open(ME);
    await box.apply(send(PEER, 'a'));
    expect((await box.apply(...copy(PEER, { box: PEER, id: 7 }, PEER, 'x'))).updates).toEqual([]);
    expect((await box.apply(...copy(OTHER, { box: ME, id: 2 }, OTHER, 'x'))).updates).toEqual([]);
    await expect(box.apply(...copy(PEER, { box: ME, id: 2 }, OTHER, 'x'))).rejects.toThrow('another box');
  });

  test('a message keeps the newest, a dialog the newest that were not seen', async () => {
    const box = await TestBox.open(ME);
    await box.apply(...delivery(GROUP, 40, 'mine', { out: true, from: BigInt(ME) }));
    for (let user = 1; user <= REACTIONS_MAX + 1; user += 1) await box.apply(...copy(GROUP, { box: GROUP, id: 40 }, user, 'x'));
    const all = await seen(box, 2);
    expect([all.length, all[0], all.at(-1)]).toEqual([REACTIONS_MAX, '2 x unread', `${REACTIONS_MAX + 1} x unread`]);
    expect(unreadOf(box, GROUP)).toHaveLength(UNREAD_REACTIONS_MAX);
  });
});

describe('what was seen', () => {
  const withThree = async (): Promise<TestBox> => {
    const box = await TestBox.open(ME);
    for (const text of ['a', 'b', 'c']) await box.apply(send(PEER, text));
    for (const id of [2, 3, 4]) await box.apply(...copy(PEER, { box: ME, id }, PEER, 'x'));
    return box;
  };

  test('all of a dialog', async () => {
    const box = await withThree();
    const change = await box.apply({ case: 'readReactions', value: { peer: BigInt(PEER) } });
    expect(change.updates).toMatchObject([{ ptsCount: 3, change: { case: 'contentsRead', value: { ids: [2, 3, 4] } } }]);
    expect([await seen(box, 3), unreadOf(box, PEER)]).toEqual([[`${PEER} x`], []]);
    expect((await box.apply({ case: 'readReactions', value: { peer: BigInt(PEER) } })).isEmpty).toBe(true);
  });

  test('some, as the contents of messages are', async () => {
    const box = await withThree();
    const change = await box.apply({ case: 'readContents', value: { ids: [3, 4, 9] } });
    expect(change.updates).toMatchObject([{ ptsCount: 2, change: { case: 'contentsRead', value: { ids: [3, 4] } } }]);
    expect([await seen(box, 2), await seen(box, 3), unreadOf(box, PEER)]).toEqual([[`${PEER} x unread`], [`${PEER} x`], [2]]);
  });
});

describe('a repetition after a crash', () => {
  test.each<[string, (box: TestBox) => [Body, object?]]>([
    ['of a reaction', () => [react(2, 'y')]],
    ['of one taken back', () => [react(2, '')]],
    ['of the peer’s', () => copy(PEER, { box: ME, id: 2 }, PEER, 'z')],
    ['of what was seen', () => [{ case: 'readReactions', value: { peer: BigInt(PEER) } }]],
    ['of contents', () => [{ case: 'readContents', value: { ids: [2, 3] } }]],
  ])('%s does the same, although its rows and later ones are there', async (_, make) => {
    const storage = openMemoryStorage({ clock: { now: () => 0, sleep: () => new Promise(() => {}), every: () => ({ stop() {} }) } });
    const box = await TestBox.open(ME, storage);
    for (const text of ['a', 'b']) await box.apply(send(PEER, text));
    await box.apply(react(2, 'x'));
    await box.apply(...copy(PEER, { box: ME, id: 2 }, PEER, 'x'));
    const before = { head: box.head, dialogs: box.dialogs.snapshot() };
    const [body, other] = make(box);
    const first = await box.apply(body, other);
    // What came after it is written too, when memory is that of before again.
    await box.apply(react(2, 'late'));
    await box.apply({ case: 'readReactions', value: { peer: BigInt(PEER) } });
    Object.assign(box, before);
    const again = await box.effect(first.command, first.version);
    const told = (change: typeof first): unknown => [change.pts, change.ptsCount, change.updates.map(({ pts, ptsCount, change: { case: what } }) => [what, pts, ptsCount]), change.derived, [...change.dialogs.values()].map(({ unreadReactions }) => unreadReactions), change.rows.filter(({ kind }) => kind !== 'message')];
    expect(told(again)).toEqual(told(first));
  });
});

test('reactions that were used are remembered, the newest first, until they are forgotten', async () => {
  const box = await TestBox.open(ME);
  const used = (name: string): Body => ({ case: 'rememberReaction', value: { used: emoji(name) } });
  const names = (): string[] => (box.dialogs.get(0)?.recentReactions ?? []).map(({ sealed }) => Buffer.from(sealed).toString());
  for (const name of ['a', 'b', 'a']) await box.apply(used(name));
  expect(names()).toEqual(['a', 'b']);
  expect((await box.apply(used('a'))).isEmpty).toBe(true);
  for (let n = 0; n < RECENT_REACTIONS_MAX; n += 1) await box.apply(used(String.fromCodePoint(0x4e00 + n)));
  expect(names()).toHaveLength(RECENT_REACTIONS_MAX);
  expect((await box.apply({ case: 'rememberReaction', value: {} })).updates).toMatchObject([{ ptsCount: 0, change: { case: 'recentReactions' } }]);
  expect(names()).toEqual([]);
});
