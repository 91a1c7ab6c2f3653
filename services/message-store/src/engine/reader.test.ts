import type { BoxUpdate } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { BOX_BUCKET_IDS, INDEX_STRETCH_PTS } from './limits';
import { SnapshotReader } from './reader';
import { decodePostings, encodePostings, indexStretch } from './search-index';
import { content, delivery, send, TestBox } from './test-box';

const ME = 1_048_577 * 32 + 2;
const PEER = 1_048_580 * 32 + 2;
const OTHER = 1_048_583 * 32 + 2;

/** Ids 2 … 101 alternate between two peers; every fifth is deleted. */
async function mixed(): Promise<TestBox> {
  const box = await TestBox.open(ME);
  for (let i = 0; i < 100; i += 1) await box.apply(send(i % 2 === 0 ? PEER : OTHER, `m${i}`), { date: 1_800_000_000 + i });
  await box.apply({ case: 'delete', value: { ids: Array.from({ length: 20 }, (_, i) => i * 5 + 2) } });
  return box;
}
const alive = (peer: number): number[] => Array.from({ length: 100 }, (_, i) => i + 2).filter((id) => (id - 2) % 5 !== 0 && ((id - 2) % 2 === 0) === (peer === PEER));

describe('history', () => {
  test.each([
    ['the newest', { maxId: 0, minId: 0, limit: 5 }, (ids: number[]) => ids.slice(-5).reverse()],
    ['below an id', { maxId: 50, minId: 0, limit: 5 }, (ids: number[]) => ids.filter((id) => id < 50).slice(-5).reverse()],
    ['above an id', { maxId: 0, minId: 90, limit: 50 }, (ids: number[]) => ids.filter((id) => id > 90).reverse()],
    ['between two', { maxId: 60, minId: 40, limit: 3 }, (ids: number[]) => ids.filter((id) => id < 60 && id > 40).slice(-3).reverse()],
    ['just above an id', { maxId: 0, minId: 40, limit: 4, oldestFirst: true }, (ids: number[]) => ids.filter((id) => id > 40).slice(0, 4).reverse()],
    ['all', { maxId: 0, minId: 0, limit: 100 }, (ids: number[]) => [...ids].reverse()],
    ['nothing', { maxId: 2, minId: 0, limit: 10 }, () => []],
  ])('%s', async (_, query, expected) => {
    const box = await mixed();
    for (const peer of [PEER, OTHER]) expect((await box.reader().history({ peer, ...query })).map((record) => record.id)).toEqual(expected(alive(peer)));
  });

  test('counts and dates', async () => {
    const reader = (await mixed()).reader();
    for (const id of [0, 1, 2, 33, 50, 99, 101, 500]) expect(await reader.countAbove(PEER, id)).toBe(alive(PEER).filter((other) => other > id).length);
    expect(await reader.findIdAtDate(PEER, 1_800_000_000)).toBe(2);
    expect(await reader.findIdAtDate(PEER, 1_800_000_031)).toBe(34);
    expect(await reader.findIdAtDate(PEER, 1_800_000_099)).toBe(0);
    expect(await reader.findIdAtDate(12, 5)).toBe(0);
  });

  test('goes on as it was when the box moves on', async () => {
    const box = await mixed();
    const reader = box.reader();
    await box.apply(send(PEER, 'later'));
    expect((await reader.history({ peer: PEER, maxId: 0, minId: 0, limit: 1 }))[0]?.id).toBe(100);
    expect(await reader.messages([box.head.topId])).toEqual([undefined]);
    expect(reader.head().pts).toBe(box.head.pts - 1);
    expect((await reader.changes(box.head.pts - 2, 10)).pts).toBe(box.head.pts - 1);
  });
});

describe('dialogs', () => {
  test('come newest first, page by page', async () => {
    const box = await TestBox.open(ME);
    const peers = Array.from({ length: 9 }, (_, i) => (1_048_590 + i) * 32 + 2);
    // Three share each second.
    for (const [i, peer] of peers.entries()) await box.apply(send(peer, 'a'), { date: 1_800_000_000 + Math.floor(i / 3) });
    await box.apply({ case: 'pinDialog', value: { peer: BigInt(peers[4] as number), pinned: true } });
    const reader = box.reader();
    const seen: number[] = [];
    let offset = { offsetDate: 0, offsetId: 0, offsetPeer: 0 };
    for (;;) {
      const page = reader.dialogs({ ...offset, limit: 2, excludePinned: true });
      const last = page[page.length - 1];
      if (last === undefined) break;
      seen.push(...page.map((dialog) => Number(dialog.peer)));
      offset = { offsetDate: last.topDate, offsetId: last.topId, offsetPeer: Number(last.peer) };
    }
    expect(seen).toEqual([...peers].reverse().filter((peer) => peer !== peers[4]));
    expect(reader.dialogs({ offsetDate: 0, offsetId: 5, offsetPeer: 0, limit: 1, excludePinned: false }).map((dialog) => dialog.topId)).toEqual([4]);
    expect(reader.dialogCount()).toBe(9);
    // The list follows changes made after it was first asked for, and a snapshot doesn't.
    await box.apply(send(peers[0] as number, 'b'), { date: 1_800_000_009 });
    expect(box.reader().dialogs({ offsetDate: 0, offsetId: 0, offsetPeer: 0, limit: 1, excludePinned: false })[0]?.peer).toBe(BigInt(peers[0] as number));
    expect(reader.dialogs({ offsetDate: 0, offsetId: 0, offsetPeer: 0, limit: 1, excludePinned: false })[0]?.peer).toBe(BigInt(peers[8] as number));
  });
});

describe('differences', () => {
  const kinds = (updates: BoxUpdate[]): unknown[] => updates.map(({ pts, change }) => [pts, change.case, change.case === 'message' || change.case === 'edited' ? Buffer.from(change.value.content?.sealed ?? []).toString() : '']);

  test('an edited message is told once, as it is now; a deleted one is silent', async () => {
    const box = await TestBox.open(ME);
    await box.apply(send(PEER, 'a'));
    await box.apply(send(PEER, 'b'));
    await box.apply(...delivery(PEER, 40, 'c'));
    await box.apply({ case: 'edit', value: { id: 2, content: content('a2') } });
    await box.apply({ case: 'edit', value: { id: 2, content: content('a3') } });
    await box.apply({ case: 'delete', value: { ids: [3] } });
    const changes = (after: number) => box.reader().changes(after, 100);
    expect(kinds((await changes(1)).updates)).toEqual([[2, 'message', 'a3'], [4, 'message', 'c'], [6, 'edited', 'a3'], [7, 'deleted', '']]);
    expect(kinds((await changes(2)).updates)).toEqual([[4, 'message', 'c'], [6, 'edited', 'a3'], [7, 'deleted', '']]);
    expect(kinds((await changes(5)).updates)).toEqual([[6, 'edited', 'a3'], [7, 'deleted', '']]);
    expect(await changes(7)).toEqual({ updates: [], pts: 7, complete: true });
    expect(await changes(99)).toEqual({ updates: [], pts: 7, complete: true });
  });

  test('a slice ends where it says, over buckets', async () => {
    const box = await TestBox.open(ME);
    const total = BOX_BUCKET_IDS + 500;
    for (let i = 0; i < total; i += 1) {
      if (i % 50 === 7) await box.apply({ case: 'readInbox', value: { peer: BigInt(PEER), maxId: 0 } });
      await box.apply(...delivery(PEER, i + 1, 'x'));
    }
    const reader = box.reader();
    let pts = BOX_BUCKET_IDS - 730;
    const seen: number[] = [];
    for (let complete = false; !complete;) {
      const slice = await reader.changes(pts, 333);
      expect(slice.updates.length).toBeLessThanOrEqual(333);
      expect(slice.pts).toBeGreaterThan(pts);
      seen.push(...slice.updates.map((update) => update.pts));
      ({ pts, complete } = slice);
    }
    expect(seen).toEqual(Array.from({ length: box.head.pts - BOX_BUCKET_IDS + 730 }, (_, i) => BOX_BUCKET_IDS - 729 + i));
    // History pages over the dialog's own buckets.
    const page = await reader.history({ peer: PEER, maxId: 0, minId: 0, limit: 100 });
    expect(page).toHaveLength(100);
    const old = await reader.history({ peer: PEER, maxId: 60, minId: 0, limit: 100 });
    expect(old[old.length - 1]?.id).toBe(2);
    const across = await reader.history({ peer: PEER, maxId: (box.dialogs.get(PEER)?.bucketStarts[1] ?? 0) + 10, minId: 0, limit: 20 });
    expect(across).toHaveLength(20);
    expect(await reader.countAbove(PEER, 1)).toBe(total);
  }, 60_000);
});

describe('search', () => {
  test('postings are read as they were written', () => {
    const postings = [{ id: 5, peer: 2 ** 39 }, { id: 9, peer: 7 }, { id: 40_000, peer: 2 ** 39 }];
    expect(decodePostings(encodePostings([...postings].reverse()))).toEqual(postings);
    expect(decodePostings(encodePostings([]))).toEqual([]);
  });

  test('finds the same with an index as without, after edits and deletions', async () => {
    const box = await TestBox.open(ME);
    const word = (text: string): Uint8Array => Buffer.from(text.padEnd(8).slice(0, 8));
    const tokens = (...words: string[]): Uint8Array => Buffer.concat(words.map(word));
    for (let i = 0; i < INDEX_STRETCH_PTS * 2 + 300; i += 1) {
      await box.apply(send(i % 3 === 0 ? OTHER : PEER, 'x', { content: { sealed: Buffer.from('x'), tokens: tokens(i % 7 === 0 ? 'seven' : 'none', i % 5 === 0 ? 'five' : 'none') } }));
    }
    await box.apply({ case: 'delete', value: { ids: [2, 37, 72] } });
    await box.apply({ case: 'edit', value: { id: 3, content: { sealed: Buffer.from('y'), tokens: tokens('seven', 'five') } } });
    await box.apply({ case: 'edit', value: { id: 107, content: { sealed: Buffer.from('y'), tokens: tokens('none') } } });
    const before = await indexStretch(box.storage, ME, 0);
    const indexed = await indexStretch(box.storage, ME, before);
    expect(indexed).toBe(INDEX_STRETCH_PTS * 2);
    // Edited after it was indexed.
    await box.apply({ case: 'edit', value: { id: 4, content: { sealed: Buffer.from('y'), tokens: tokens('seven', 'five') } } });
    const scanning = box.reader();
    const byIndex = new SnapshotReader(box.storage, { box: ME, head: box.head, dialogs: box.dialogs.snapshot(), indexed });
    for (const query of [
      { peer: 0, tokens: [word('seven')], maxId: 0, minId: 0, limit: 5_000 },
      { peer: PEER, tokens: [word('seven'), word('five')], maxId: 0, minId: 0, limit: 5_000 },
      { peer: PEER, tokens: [word('seven'), word('five')], maxId: 900, minId: 100, limit: 7 },
      { peer: 0, tokens: [word('absent')], maxId: 0, minId: 0, limit: 10 },
    ]) {
      const expected = (await scanning.searchToken(query)).map((record) => record.id);
      expect((await byIndex.searchToken(query)).map((record) => record.id)).toEqual(expected);
      expect(expected).toEqual([...expected].sort((a, b) => b - a));
      // By id alone what was indexed before it was deleted or edited is there too.
      const listed = await byIndex.listPostings(query);
      expect(listed).toEqual([...listed].sort((a, b) => b - a));
      expect(listed.length).toBeLessThanOrEqual(query.limit);
      expect(expected.filter((id) => !listed.includes(id))).toEqual([]);
      expect(listed.length - expected.length).toBeLessThanOrEqual(4);
    }
    expect(await byIndex.listPostings({ peer: 0, tokens: [word('seven')], maxId: 0, minId: 0, limit: 10 })).toEqual((await scanning.searchToken({ peer: 0, tokens: [word('seven')], maxId: 0, minId: 0, limit: 10 })).map(({ id }) => id));
    expect((await byIndex.searchToken({ peer: 0, tokens: [word('five'), word('seven')], maxId: 10, minId: 0, limit: 10 })).map((record) => record.id)).toEqual([4, 3]);
  }, 60_000);
});
