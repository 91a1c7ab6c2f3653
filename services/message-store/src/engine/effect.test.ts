import { savedPart, SAVED_PARTS_FOLDER } from '@heliograph/box/box-id';
import { hasBox } from './ids';
import { content, delivery, send, TestBox } from './test-box';

const ME = 1_048_577 * 32 + 2;
const PEER = 1_048_580 * 32 + 2;
const OTHER = 1_048_583 * 32 + 2;

const bodies = (change: Awaited<ReturnType<TestBox['apply']>>) => change.derived.flatMap((derived) => ('body' in derived ? [derived] : []));
const derivedOf = (change: Awaited<ReturnType<TestBox['apply']>>): [number, string][] => bodies(change).map((derived) => [derived.box, derived.body.case]);

describe('send', () => {
  test('a new box begins at pts 1; each message takes one, which is its id', async () => {
    const box = await TestBox.open(ME);
    expect(box.head.pts).toBe(1);
    const first = await box.apply(send(PEER, 'a'));
    const second = await box.apply(send(PEER, 'b'));
    expect([first.message?.id, first.pts, first.ptsCount]).toEqual([2, 2, 1]);
    expect([second.message?.id, second.pts]).toEqual([3, 3]);
    expect(second.message).toMatchObject({ out: true, uid: { box: BigInt(ME), id: 3 }, createdVersion: box.version });
    expect(box.dialogs.get(PEER)).toMatchObject({ topId: 3, messageCount: 2, unreadCount: 0 });
  });

  test.each([
    ['to a peer', PEER, {}, [[PEER, 'deliver']]],
    ['to oneself', ME, {}, []],
    ['to the service account', 777_000, {}, []],
    ['not to be delivered', PEER, { noDeliver: true }, []],
  ])('derives %s', async (_, peer, other, expected) => {
    const box = await TestBox.open(ME);
    expect(derivedOf(await box.apply(send(peer, 'a', other)))).toEqual(expected);
    expect(hasBox(777_000)).toBe(false);
  });

  test('Saved Messages are read as they are written', async () => {
    const box = await TestBox.open(ME);
    const { message } = await box.apply(send(ME, 'note'));
    expect(box.dialogs.get(ME)).toMatchObject({ readInboxMaxId: message?.id, readOutboxMaxId: message?.id, unreadCount: 0 });
  });

  test('Saved Messages are in parts by what they are from, each a list of its own', async () => {
    const box = await TestBox.open(ME);
    const from = (peer: number): Parameters<typeof send> => [ME, `from ${peer}`, { content: { ...content('x'), savedPeer: BigInt(peer) } }];
    const idsIn = async (part: number): Promise<number[]> => (await box.reader().history({ peer: savedPart(part), maxId: 0, minId: 0, limit: 10 })).map(({ id }) => id);
    await box.apply(send(ME, 'note'));
    for (const peer of [PEER, -7, PEER]) await box.apply(send(...from(peer)));
    expect(await Promise.all([ME, PEER, -7, OTHER].map(idsIn))).toEqual([[2], [5, 3], [4], []]);
    const listed = (folder?: number): number[] => box.reader().dialogs({ offsetDate: 0, offsetId: 0, offsetPeer: 0, limit: 10, excludePinned: false, folder }).map(({ peer }) => Number(peer));
    expect(listed()).toEqual([ME]);
    expect(listed(SAVED_PARTS_FOLDER)).toEqual([PEER, -7, ME].map(savedPart));
    const pinned = await box.apply({ case: 'pinDialog', value: { peer: BigInt(savedPart(PEER)), pinned: true } });
    expect(pinned.updates[0]?.change).toMatchObject({ case: 'dialogPin', value: { folderId: SAVED_PARTS_FOLDER } });
    expect(box.reader().pinnedDialogs(0)).toEqual([]);
    await box.apply({ case: 'delete', value: { ids: [5] } });
    expect(box.dialogs.get(savedPart(PEER))).toMatchObject({ topId: 3, messageCount: 1, pinnedOrder: 1 });
    // The whole and the part lose the same; what is empty is not pinned.
    await box.apply({ case: 'deleteHistory', value: { peer: BigInt(savedPart(PEER)), justClear: true } });
    expect(box.dialogs.get(savedPart(PEER))).toMatchObject({ topId: 0, messageCount: 0, pinnedOrder: 0 });
    expect(box.dialogs.get(ME)).toMatchObject({ topId: 4, messageCount: 2 });
    expect((await box.apply({ case: 'pinDialog', value: { peer: BigInt(savedPart(PEER)), pinned: true } })).error).toBe('PEER_ID_INVALID');
    await box.apply({ case: 'deleteHistory', value: { peer: BigInt(ME) } });
    expect(listed(SAVED_PARTS_FOLDER)).toEqual([]);
  });

  test('a remembered random_id makes nothing and answers the earlier message', async () => {
    const box = await TestBox.open(ME);
    const body = send(PEER, 'once');
    const first = await box.apply(body);
    const again = await box.apply(body);
    expect(again).toMatchObject({ duplicate: true, ptsCount: 0, updates: [], rows: [], derived: [] });
    expect(again.message?.id).toBe(first.message?.id);
    expect(box.head.pts).toBe(2);
  });

  test.each([[6 * 86_400, true], [7 * 86_400, true], [7 * 86_400 + 1, false]])('after %i seconds a random_id is remembered: %s', async (later, duplicate) => {
    const box = await TestBox.open(ME);
    const body = send(PEER, 'once');
    await box.apply(body, { date: 1_800_000_000 });
    expect((await box.apply(body, { date: 1_800_000_000 + later })).duplicate).toBe(duplicate);
  });

  test('clears the draft when asked', async () => {
    const box = await TestBox.open(ME);
    await box.apply({ case: 'saveDraft', value: { peer: BigInt(PEER), sealed: Buffer.from('dr') } });
    const kept = await box.apply(send(PEER, 'a'));
    expect(kept.updates.map((update) => update.change.case)).toEqual(['message']);
    const cleared = await box.apply(send(PEER, 'b', { clearDraft: true }));
    expect(cleared.updates.map((update) => [update.change.case, update.ptsCount])).toEqual([['message', 1], ['draft', 0]]);
    expect(box.dialogs.get(PEER)?.draftSealed).toHaveLength(0);
  });
});

describe('deliver', () => {
  test('counts as unread and is found by identity', async () => {
    const box = await TestBox.open(ME);
    const { message } = await box.apply(...delivery(PEER, 40, 'hi'));
    expect(message).toMatchObject({ id: 2, out: false, uid: { box: BigInt(PEER), id: 40 } });
    expect(box.dialogs.get(PEER)).toMatchObject({ unreadCount: 1, lastIncomingId: 2, lastIncomingOriginId: 40, originVersion: 400n });
    expect(await box.reader().findLocalIds([{ box: PEER, id: 40 }, { box: PEER, id: 41 }])).toEqual([2, undefined]);
  });

  test.each([
    ['the same again', 40, true],
    ['an older one', 39, true],
    ['a newer one', 41, false],
  ])('%s is dropped: %s', async (_, id, dropped) => {
    const box = await TestBox.open(ME);
    await box.apply(...delivery(PEER, 40, 'hi'));
    const change = await box.apply(...delivery(PEER, id, 'again'));
    expect(change.isEmpty).toBe(dropped);
    expect(box.dialogs.get(PEER)?.messageCount).toBe(dropped ? 1 : 2);
  });

  test.each([
    ['a message of the peer', { box: BigInt(PEER), id: 40 }, 2],
    ['an own message', { box: BigInt(ME), id: 3 }, 3],
    ['a deleted message', { box: BigInt(ME), id: 4 }, 0],
    ['a message that never came here', { box: BigInt(PEER), id: 39 }, 0],
  ])('a reply to %s', async (_, replyTo, expected) => {
    const box = await TestBox.open(ME);
    await box.apply(...delivery(PEER, 40, 'hi'));
    await box.apply(send(PEER, 'mine'));
    await box.apply(send(PEER, 'gone'));
    await box.apply({ case: 'delete', value: { ids: [4] } });
    expect((await box.apply(...delivery(PEER, 50, 'answer', { replyTo }))).message?.replyToId).toBe(expected);
  });

  test('a notice of the service comes once per random_id', async () => {
    const box = await TestBox.open(ME);
    const body = { case: 'deliver' as const, value: { peer: 777_000n, from: 777_000n, randomId: 5n, content: content('code') } };
    const first = await box.apply(body);
    expect(first.message).toMatchObject({ id: 2, uid: { box: BigInt(ME), id: 2 } });
    expect(await box.apply(body)).toMatchObject({ duplicate: true, ptsCount: 0 });
  });
});

describe('edit', () => {
  test('changes the content here and derives it', async () => {
    const box = await TestBox.open(ME);
    await box.apply(send(PEER, 'a'));
    const change = await box.apply({ case: 'edit', value: { id: 2, content: content('b') } }, { date: 1_800_000_009 });
    expect(change.message).toMatchObject({ editDate: 1_800_000_009, editPts: 3, editedVersion: box.version, pts: 2 });
    expect(derivedOf(change)).toEqual([[PEER, 'editCopy']]);
    expect(Buffer.from((await box.reader().messages([2]))[0]?.content?.sealed ?? []).toString()).toBe('b');
  });

  test.each([
    ['that is not there', 9, 'MESSAGE_ID_INVALID'],
    ['that was deleted', 2, 'MESSAGE_ID_INVALID'],
    ['of somebody else', 3, 'MESSAGE_AUTHOR_REQUIRED'],
  ])('refuses a message %s', async (_, id, error) => {
    const box = await TestBox.open(ME);
    await box.apply(send(PEER, 'a'));
    await box.apply(...delivery(PEER, 40, 'hi'));
    await box.apply({ case: 'delete', value: { ids: [2] } });
    const before = box.head;
    expect(await box.apply({ case: 'edit', value: { id, content: content('b') } })).toMatchObject({ error, rows: [], updates: [] });
    expect(box.head).toBe(before);
  });

  test('a copy follows by identity, and what never came is passed over', async () => {
    const box = await TestBox.open(ME);
    await box.apply(...delivery(PEER, 40, 'hi'));
    const origin = (version: bigint): { origin: { box: bigint; version: bigint; index: number } } => ({ origin: { box: BigInt(PEER), version, index: 0 } });
    expect((await box.apply({ case: 'editCopy', value: { uid: { box: BigInt(PEER), id: 40 }, content: content('ho') } }, origin(500n))).message).toMatchObject({ id: 2, editPts: 3 });
    expect((await box.apply({ case: 'editCopy', value: { uid: { box: BigInt(PEER), id: 41 }, content: content('ho') } }, origin(510n))).updates).toEqual([]);
  });
});

describe('deletion', () => {
  async function talk(): Promise<TestBox> {
    const box = await TestBox.open(ME);
    await box.apply(send(PEER, 'two'));
    await box.apply(...delivery(PEER, 40, 'three'));
    await box.apply(...delivery(PEER, 41, 'four'));
    await box.apply(send(OTHER, 'five'));
    return box;
  }

  test.each([
    ['the top', [4], { topId: 3, messageCount: 2, unreadCount: 1 }, 1],
    ['the middle', [3], { topId: 4, messageCount: 2, unreadCount: 1 }, 1],
    ['an own one', [2], { topId: 4, messageCount: 2, unreadCount: 2 }, 1],
    ['all of a dialog, one of them twice', [4, 3, 2, 3], { topId: 0, topDate: 0, messageCount: 0, unreadCount: 0 }, 3],
    ['what is not there', [99], { topId: 4, messageCount: 3, unreadCount: 2 }, 0],
  ])('of %s repairs the dialog', async (_, ids, dialog, count) => {
    const box = await talk();
    const change = await box.apply({ case: 'delete', value: { ids } });
    expect(change.ptsCount).toBe(count);
    expect(box.dialogs.get(PEER)).toMatchObject(dialog);
    expect(change.derived).toEqual([]);
    expect(await box.apply({ case: 'delete', value: { ids } })).toMatchObject({ ptsCount: 0, updates: [] });
  });

  test('for both goes to every peer concerned, in one order', async () => {
    const box = await talk();
    const change = await box.apply({ case: 'delete', value: { ids: [5, 3, 2], revoke: true } });
    expect(bodies(change).map(({ box: target, body }) => [target, body.case === 'deleteCopy' ? body.value.uids.map((uid) => [Number(uid.box), uid.id]) : []])).toEqual([
      [PEER, [[ME, 2], [PEER, 40]]],
      [OTHER, [[ME, 5]]],
    ]);
  });

  test('by identity', async () => {
    const box = await talk();
    const uids = [{ box: BigInt(PEER), id: 41 }, { box: BigInt(ME), id: 2 }, { box: BigInt(PEER), id: 77 }];
    const change = await box.apply({ case: 'deleteCopy', value: { uids } }, { origin: { box: BigInt(PEER), version: 990n, index: 0 } });
    expect(change.updates.map((update) => update.change.value)).toMatchObject([{ ids: [2, 4] }]);
  });

  test('keeps a mark without content', async () => {
    const box = await talk();
    await box.apply({ case: 'delete', value: { ids: [3] } });
    expect((await box.reader().messages([3]))[0]).toBeUndefined();
    const row = (await box.effect(box.command({ case: 'pin', value: { peer: BigInt(PEER), id: 3 } }), box.version + 1n));
    expect(row.error).toBe('MESSAGE_ID_INVALID');
  });

  test('of a history goes slice by slice and takes the dialog from the lists in the end', async () => {
    const box = await talk();
    await box.apply({ case: 'pinDialog', value: { peer: BigInt(PEER), pinned: true } });
    const first = await box.apply({ case: 'deleteHistory', value: { peer: BigInt(PEER), limit: 2 } });
    expect([first.more, first.ptsCount, box.dialogs.get(PEER)?.topId]).toEqual([true, 2, 2]);
    const second = await box.apply({ case: 'deleteHistory', value: { peer: BigInt(PEER), limit: 2 } });
    expect([second.more, second.ptsCount]).toEqual([false, 1]);
    expect(box.dialogs.get(PEER)).toMatchObject({ topId: 0, messageCount: 0, unreadCount: 0, pinnedOrder: 0, clearedMaxId: 5 });
    expect(box.reader().dialogs({ offsetDate: 0, offsetId: 0, offsetPeer: 0, limit: 10, excludePinned: false }).map((dialog) => Number(dialog.peer))).toEqual([OTHER]);
    expect((await box.apply({ case: 'deleteHistory', value: { peer: BigInt(PEER), limit: 2 } })).more).toBe(false);
  });

  test.each([
    ['up to an id', { maxId: 3 }, [2, 3]],
    ['from a date on', { minDate: 1_800_000_005 }, [4]],
    ['up to a date', { maxDate: 1_800_000_003 }, [2, 3]],
    ['up to an id, no more than asked', { maxId: 3, limit: 1 }, [3]],
  ])('of a history %s', async (_, bounds, expected) => {
    const box = await TestBox.open(ME);
    for (const [index, date] of [1_800_000_001, 1_800_000_003, 1_800_000_005].entries()) await box.apply(send(PEER, `m${index}`), { date });
    const change = await box.apply({ case: 'deleteHistory', value: { peer: BigInt(PEER), ...bounds } });
    expect(change.updates.flatMap((update) => (update.change.case === 'deleted' ? update.change.value.ids : []))).toEqual(expected);
  });
});

describe('reading', () => {
  async function unread(): Promise<TestBox> {
    const box = await TestBox.open(ME);
    await box.apply(...delivery(PEER, 40, 'two'));
    await box.apply(...delivery(PEER, 42, 'three'));
    await box.apply(send(PEER, 'four'));
    await box.apply(...delivery(PEER, 44, 'five'));
    return box;
  }

  test.each([
    ['all', 0, 0, 44],
    ['to the top', 5, 0, 44],
    ['one', 2, 2, 40],
    ['to an own one between', 4, 1, 42],
    ['beyond the top', 99, 0, 44],
  ])('%s', async (_, maxId, still, told) => {
    const box = await unread();
    const change = await box.apply({ case: 'readInbox', value: { peer: BigInt(PEER), maxId } });
    expect(box.dialogs.get(PEER)?.unreadCount).toBe(still);
    expect(change.updates.map((update) => update.change.value)).toMatchObject([{ stillUnread: still }]);
    expect(bodies(change).map((derived) => derived.body.value)).toMatchObject([{ peer: BigInt(ME), maxId: told }]);
    expect((await box.apply({ case: 'readInbox', value: { peer: BigInt(PEER), maxId: Math.min(maxId, 5) } })).ptsCount).toBe(0);
  });

  test('does not count what was deleted', async () => {
    const box = await unread();
    await box.apply({ case: 'delete', value: { ids: [2] } });
    await box.apply({ case: 'readInbox', value: { peer: BigInt(PEER), maxId: 3 } });
    expect(box.dialogs.get(PEER)?.unreadCount).toBe(1);
  });

  test('takes the unread mark off', async () => {
    const box = await unread();
    await box.apply({ case: 'markDialogUnread', value: { peer: BigInt(PEER), unread: true } });
    const change = await box.apply({ case: 'readInbox', value: { peer: BigInt(PEER), maxId: 0 } });
    expect(change.updates.map((update) => update.change.case)).toEqual(['unreadMark', 'inboxRead']);
  });

  test('the other side is told, and never goes back', async () => {
    const box = await unread();
    const read = (maxId: number, version: bigint) => box.apply({ case: 'readOutbox', value: { peer: BigInt(PEER), maxId } }, { origin: { box: BigInt(PEER), version, index: 0 } });
    expect((await read(4, 900n)).ptsCount).toBe(1);
    expect((await read(3, 910n)).ptsCount).toBe(0);
    expect(box.dialogs.get(PEER)).toMatchObject({ readOutboxMaxId: 4, originVersion: 910n });
  });

  test('contents once', async () => {
    const box = await TestBox.open(ME);
    await box.apply(...delivery(PEER, 40, 'voice', { content: { ...content('voice'), mediaClass: 1 << 5 } }));
    await box.apply(...delivery(PEER, 41, 'text'));
    expect((await box.apply({ case: 'readContents', value: { ids: [2, 3] } })).updates.map((update) => update.change.value)).toMatchObject([{ ids: [2] }]);
    expect((await box.apply({ case: 'readContents', value: { ids: [2, 3] } })).ptsCount).toBe(0);
  });
});

describe('pins', () => {
  test('of messages go to the peer unless they are for one side', async () => {
    const box = await TestBox.open(ME);
    await box.apply(send(PEER, 'a'));
    await box.apply(send(PEER, 'b'));
    const pin = (id: number, other: Record<string, unknown> = {}) => box.apply({ case: 'pin', value: { peer: BigInt(PEER), id, ...other } });
    expect(derivedOf(await pin(3))).toEqual([[PEER, 'pinCopy']]);
    expect(derivedOf(await pin(2, { oneside: true }))).toEqual([]);
    expect(box.dialogs.get(PEER)?.pinnedIds).toEqual([2, 3]);
    expect((await pin(2)).ptsCount).toBe(0);
    expect((await pin(2, { unpin: true })).ptsCount).toBe(1);
    expect((await box.apply({ case: 'pin', value: { peer: BigInt(OTHER), id: 3 } })).error).toBe('MESSAGE_ID_INVALID');
    expect(derivedOf(await box.apply({ case: 'unpinAll', value: { peer: BigInt(PEER) } }))).toEqual([[PEER, 'unpinAllCopy']]);
    expect(box.dialogs.get(PEER)?.pinnedIds).toEqual([]);
  });

  test('beyond the limit push the oldest out', async () => {
    const box = await TestBox.open(ME);
    for (let i = 0; i < 101; i += 1) await box.apply(send(ME, `m${i}`));
    for (let id = 2; id <= 102; id += 1) await box.apply({ case: 'pin', value: { peer: BigInt(ME), id } });
    expect(box.dialogs.get(ME)?.pinnedIds).toEqual(Array.from({ length: 100 }, (_, index) => index + 3));
  });

  test('of dialogs have an order', async () => {
    const box = await TestBox.open(ME);
    const peers = [PEER, OTHER, ME];
    for (const peer of peers) await box.apply(send(peer, 'a'));
    for (const peer of peers) await box.apply({ case: 'pinDialog', value: { peer: BigInt(peer), pinned: true } });
    const order = (): number[] => box.reader().pinnedDialogs(0).map((dialog) => Number(dialog.peer));
    expect(order()).toEqual([ME, OTHER, PEER]);
    await box.apply({ case: 'pinDialog', value: { peer: BigInt(OTHER), pinned: false } });
    expect(order()).toEqual([ME, PEER]);
    await box.apply({ case: 'reorderPinnedDialogs', value: { order: [BigInt(PEER), BigInt(OTHER)] } });
    expect(order()).toEqual([PEER, ME]);
    await box.apply({ case: 'reorderPinnedDialogs', value: { order: [BigInt(OTHER), BigInt(PEER)], force: true } });
    expect(order()).toEqual([OTHER, PEER]);
    expect((await box.apply({ case: 'pinDialog', value: { peer: 12_345n, pinned: true } })).error).toBe('PEER_ID_INVALID');
  });
});

describe('every effect', () => {
  test('refuses an effect version that this release does not know', async () => {
    const box = await TestBox.open(ME);
    await expect(box.effect({ ...box.command(send(PEER, 'a')), effect: 2 }, 5n)).rejects.toThrow('effect 2');
  });
});
