import { NotifyKind, type FolderPeer } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { ARCHIVE, MAIN_LIST, BOX_ITSELF } from './ids';
import { CHATLIST_INVITES_MAX, CHATLISTS_MAX, DIALOG_FILTERS_MAX, RESET_NOTIFY_DIALOGS } from './limits';
import { delivery, send, TestBox, type Body } from './test-box';

const ME = 1_048_577 * 32 + 2;
const PEER = 1_048_580 * 32 + 2;
const OTHER = 1_048_583 * 32 + 2;
/** The date that the test box gives commands. */
const NOW = 1_800_000_000;
const FOREVER = 0x7fffffff;

const folders = (folderId: number, ...peers: number[]): Body => ({ case: 'setFolders', value: { peers: peers.map((peer) => ({ peer: BigInt(peer), folderId })) } });
const mute = (peer: number, muteUntil: number | undefined, kind?: NotifyKind): Body => ({ case: 'setNotifySettings', value: { peer: BigInt(peer), kind, settings: muteUntil === undefined ? undefined : { muteUntil, sealed: Buffer.from('s') } } });
const moved = (peers: FolderPeer[]): [number, number][] => peers.map(({ peer, folderId }) => [Number(peer), folderId]);
const cases = (change: Awaited<ReturnType<TestBox['apply']>>): (string | undefined)[] => change.updates.map((update) => update.change.case);

async function chatting(): Promise<TestBox> {
  const box = await TestBox.open(ME);
  await box.apply(send(PEER, 'a'));
  await box.apply(send(OTHER, 'b'));
  return box;
}

describe('the archive', () => {
  test('takes dialogs, tells them by one pts, and passes over who has none or is there already', async () => {
    const box = await chatting();
    const change = await box.apply(folders(ARCHIVE, PEER, 99));
    expect(change).toMatchObject({ ptsCount: 1, pts: 4 });
    expect(change.updates.map((update) => update.change.case === 'folders' && moved(update.change.value.peers))).toEqual([[[PEER, ARCHIVE]]]);
    expect(await box.apply(folders(ARCHIVE, PEER))).toMatchObject({ ptsCount: 0, rows: [] });
    const reader = box.reader();
    expect(reader.archivedDialogs().map(({ peer }) => Number(peer))).toEqual([PEER]);
    expect([reader.dialogCount(), reader.dialogCount(MAIN_LIST), reader.dialogCount(ARCHIVE)]).toEqual([2, 1, 1]);
    const listed = (folder?: number): number[] => reader.dialogs({ offsetDate: 0, offsetId: 0, offsetPeer: 0, limit: 9, excludePinned: false, folder }).map(({ peer }) => Number(peer));
    expect([listed(), listed(MAIN_LIST), listed(ARCHIVE)]).toEqual([[OTHER, PEER], [OTHER], [PEER]]);
    const { updates } = await reader.changes(3, 10);
    expect(updates.map((update) => update.change.case)).toEqual(['folders']);
  });

  test('has pins of its own, and who moves is unpinned', async () => {
    const box = await chatting();
    const pin = (peer: number): Promise<unknown> => box.apply({ case: 'pinDialog', value: { peer: BigInt(peer), pinned: true } });
    await pin(PEER);
    await pin(OTHER);
    expect(cases(await box.apply(folders(ARCHIVE, PEER)))).toEqual(['dialogPin', 'folders']);
    const pinned = (folder: number): number[] => box.reader().pinnedDialogs(folder).map(({ peer }) => Number(peer));
    expect([pinned(MAIN_LIST), pinned(ARCHIVE)]).toEqual([[OTHER], []]);
    await pin(PEER);
    expect([pinned(MAIN_LIST), pinned(ARCHIVE)]).toEqual([[OTHER], [PEER]]);
    await box.apply({ case: 'reorderPinnedDialogs', value: { order: [BigInt(OTHER)], force: true, folderId: ARCHIVE } });
    expect([pinned(MAIN_LIST), pinned(ARCHIVE)]).toEqual([[OTHER], []]);
  });

  test.each<[string, Body[], number]>([
    ['comes back with a message', [], MAIN_LIST],
    ['stays while it is muted', [mute(PEER, FOREVER)], ARCHIVE],
    ['comes back when its mute is over', [mute(PEER, NOW)], MAIN_LIST],
    ['stays while its kind is muted', [mute(0, NOW + 1, NotifyKind.USERS)], ARCHIVE],
    ['comes back when another kind is muted', [mute(0, FOREVER, NotifyKind.CHATS)], MAIN_LIST],
    ['comes back when it alone is not muted', [mute(0, FOREVER, NotifyKind.USERS), mute(PEER, 0)], MAIN_LIST],
    ['comes back when its mute was taken away', [mute(PEER, FOREVER), mute(PEER, undefined)], MAIN_LIST],
  ])('a dialog %s', async (_, before, folder) => {
    const box = await chatting();
    await box.apply(folders(ARCHIVE, PEER));
    for (const body of before) await box.apply(body);
    const change = await box.apply(...delivery(PEER, 40, 'hi'));
    expect(box.dialogs.get(PEER)?.folderId).toBe(folder);
    expect(cases(change)).toEqual(folder === ARCHIVE ? ['message'] : ['message', 'folders']);
    expect(change.message?.id).toBe(change.updates[0]?.pts);
  });

  test('a dialog stays when its owner writes', async () => {
    const box = await chatting();
    await box.apply(folders(ARCHIVE, PEER));
    await box.apply(send(PEER, 'c'));
    expect(box.dialogs.get(PEER)?.folderId).toBe(ARCHIVE);
  });
});

describe('notification settings', () => {
  test('are kept by dialog and by kind, told outside the pts, and read again from rows', async () => {
    const box = await chatting();
    expect(cases(await box.apply(mute(PEER, 5)))).toEqual(['notify']);
    await box.apply(mute(0, 6, NotifyKind.CHATS));
    expect(await box.apply(mute(0, 7, NotifyKind.USERS))).toMatchObject({ ptsCount: 0 });
    expect(box.dialogs.get(PEER)?.notify).toMatchObject({ muteUntil: 5 });
    expect(box.dialogs.get(BOX_ITSELF)?.settings?.notifyDefaults.map(({ kind, settings }) => [kind, settings?.muteUntil])).toEqual([[NotifyKind.USERS, 7], [NotifyKind.CHATS, 6]]);
    expect(box.reader().notifyExceptions(9).map(({ peer }) => Number(peer))).toEqual([PEER]);
    // What belongs to no peer is in no list.
    expect(box.reader().dialogCount()).toBe(2);
    expect(await box.apply(mute(OTHER, undefined))).toMatchObject({ updates: [], isEmpty: true });
  });

  test('are all taken away, some dialogs at a time', async () => {
    const box = await TestBox.open(ME);
    for (let index = 0; index <= RESET_NOTIFY_DIALOGS; index += 1) await box.apply(mute(PEER + 32 * index, 1));
    await box.apply(mute(0, 1, NotifyKind.BROADCASTS));
    const first = await box.apply({ case: 'resetNotifySettings', value: {} });
    expect(first).toMatchObject({ more: true });
    expect(first.updates).toHaveLength(RESET_NOTIFY_DIALOGS + 1);
    expect(await box.apply({ case: 'resetNotifySettings', value: {} })).toMatchObject({ more: false });
    expect(box.reader().notifyExceptions(9)).toEqual([]);
    expect(await box.apply({ case: 'resetNotifySettings', value: {} })).toMatchObject({ more: false, updates: [] });
  });
});

describe('filters', () => {
  const set = (id: number, text: string): Body => ({ case: 'setDialogFilter', value: { id, sealed: Buffer.from(text) } });
  const ids = (box: TestBox): number[] => box.dialogs.get(BOX_ITSELF)?.settings?.filters.map(({ id }) => id) ?? [];

  test('stand in order, with the list of all chats among them', async () => {
    const box = await TestBox.open(ME);
    for (const id of [2, 3, 4]) expect(cases(await box.apply(set(id, 'x')))).toEqual(['dialogFilter']);
    await box.apply(set(3, 'y'));
    expect(ids(box)).toEqual([0, 2, 3, 4]);
    const change = await box.apply({ case: 'orderDialogFilters', value: { order: [4, 0, 9, 4, 3] } });
    expect(change.updates[0]?.change).toMatchObject({ case: 'dialogFilterOrder', value: { order: [4, 0, 3, 2] } });
    expect(await box.apply({ case: 'orderDialogFilters', value: { order: [4, 0] } })).toMatchObject({ updates: [] });
    await box.apply(set(0 + 4, ''));
    expect(ids(box)).toEqual([0, 3, 2]);
    expect(cases(await box.apply({ case: 'setDialogFilterTags', value: { enabled: true } }))).toEqual(['dialogFilters']);
    expect(await box.apply({ case: 'setDialogFilterTags', value: { enabled: true } })).toMatchObject({ updates: [] });
  });

  test.each([['that is not there', 2, 'FILTER_ID_INVALID'], ['of all chats', 0, 'FILTER_ID_INVALID']])('refuses to delete the one %s', async (_, id, error) => {
    expect(await (await TestBox.open(ME)).apply(set(id, ''))).toMatchObject({ error, updates: [] });
  });

  test('are no more than may be', async () => {
    const box = await TestBox.open(ME);
    for (let id = 2; id < 2 + DIALOG_FILTERS_MAX; id += 1) expect((await box.apply(set(id, 'x'))).error).toBeUndefined();
    expect(await box.apply(set(99, 'x'))).toMatchObject({ error: 'DIALOG_FILTERS_TOO_MUCH' });
    expect((await box.apply(set(2, 'y'))).error).toBeUndefined();
  });
});

describe('the bar above a chat', () => {
  it('is hidden once, be there a message or not, and of people alone', async () => {
    const box = await TestBox.open(34_000_002);
    const hide = (peer: number) => box.apply({ case: 'hideBar', value: { peer: BigInt(peer) } });
    const first = await hide(34_000_034);
    expect(first).toMatchObject({ error: undefined, ptsCount: 0, updates: [{ change: { case: 'barHidden', value: { peer: 34_000_034n } } }] });
    expect((await hide(34_000_034)).isEmpty).toBe(true);
    expect((await hide(34_000_002)).error).toBe('PEER_ID_INVALID');
    expect((await hide(-77)).error).toBe('PEER_ID_INVALID');
    expect(box.reader().dialogs({ offsetDate: 0, offsetId: 0, offsetPeer: 0, limit: 9, excludePinned: false })).toEqual([]);
  });
});

describe('shared filters', () => {
  const bytes = (text: string): Uint8Array => Buffer.from(text);
  const set = (id: number, text = 'x'): Body => ({ case: 'setDialogFilter', value: { id, sealed: bytes(text) } });
  const change = (value: Extract<Body, { case: 'setChatlist' }>['value']): Body => ({ case: 'setChatlist', value });
  const share = (id: number, nonce: number): Body => change({ id, sealed: bytes('list'), invite: { nonce, sealed: bytes(`link ${nonce}`) } });
  const join = (id: number): Body => change({ id, base: bytes(''), sealed: bytes('list'), joined: bytes('joined') });
  const found = (box: TestBox, id = 2) => box.dialogs.get(BOX_ITSELF)?.settings?.filters.find((filter) => filter.id === id);
  const nonces = (box: TestBox): number[] => found(box)?.chatlist?.invites.map(({ nonce }) => nonce) ?? [];

  test('have links until the last one ends, and then are filters like others', async () => {
    const box = await TestBox.open(ME);
    await box.apply(set(2));
    expect((await box.apply(share(2, 7))).updates[0]?.change).toMatchObject({ case: 'dialogFilter', value: { id: 2, shared: true, chatlist: undefined } });
    expect(found(box)).toMatchObject({ shared: true, sealed: bytes('list'), chatlist: { invites: [{ nonce: 7 }] } });
    await box.apply(share(2, 8));
    // One takes the place of another, and nobody is told of it.
    expect(await box.apply(change({ id: 2, endedInvite: 7, invite: { nonce: 7, sealed: bytes('new') } }))).toMatchObject({ updates: [], error: undefined });
    expect(found(box)?.chatlist?.invites).toMatchObject([{ nonce: 7, sealed: bytes('new') }, { nonce: 8 }]);
    expect(await box.apply(set(2))).toMatchObject({ error: 'FILTER_NOT_SUPPORTED' });
    expect(await box.apply(change({ id: 2, endedInvite: 7 }))).toMatchObject({ updates: [] });
    expect((await box.apply(change({ id: 2, endedInvite: 8 }))).updates[0]?.change).toMatchObject({ value: { shared: false } });
    expect(nonces(box)).toEqual([]);
    expect(await box.apply(set(2))).toMatchObject({ error: undefined });
    expect(found(box)?.chatlist).toBeUndefined();
  });

  test('that somebody else shares stay lists, and go with all that is known of them', async () => {
    const box = await TestBox.open(ME);
    expect(cases(await box.apply(join(2)))).toEqual(['dialogFilter']);
    expect(found(box)).toMatchObject({ shared: false, chatlist: { joined: bytes('joined') } });
    expect(await box.apply(set(2))).toMatchObject({ error: 'FILTER_NOT_SUPPORTED' });
    expect(await box.apply(change({ id: 2, joined: bytes('seen') }))).toMatchObject({ updates: [], error: undefined });
    await box.apply(change({ id: 2, sealed: bytes('renamed') }));
    expect(found(box)).toMatchObject({ sealed: bytes('renamed'), chatlist: { joined: bytes('seen') } });
    await box.apply(set(2, ''));
    expect(found(box)).toBeUndefined();
  });

  test.each<[string, Body]>([
    ['FILTER_ID_INVALID', share(0, 7)], ['FILTER_ID_INVALID', share(9, 7)], ['FILTER_NOT_SUPPORTED', change({ id: 2, endedInvite: 7 })], ['FILTER_NOT_SUPPORTED', change({ id: 2, sealed: bytes('list') })],
    ['FILTER_OUTDATED', change({ id: 2, base: bytes('else'), sealed: bytes('list'), invite: { nonce: 1, sealed: bytes('l') } })], ['FILTER_OUTDATED', join(2)], ['INVITE_SLUG_EXPIRED', change({ id: 3, endedInvite: 9 })],
  ])('refuse with %s', async (error, body) => {
    const box = await TestBox.open(ME);
    for (const before of [set(2), set(3), share(3, 5)]) await box.apply(before);
    expect(await box.apply(body)).toMatchObject({ error, updates: [] });
  });

  test('are no more than may be', async () => {
    const box = await TestBox.open(ME);
    await box.apply(set(2));
    for (let nonce = 1; nonce <= CHATLIST_INVITES_MAX; nonce += 1) expect((await box.apply(share(2, nonce))).error).toBeUndefined();
    expect(await box.apply(share(2, 99))).toMatchObject({ error: 'INVITES_TOO_MUCH' });
    for (let id = 3; id < 2 + CHATLISTS_MAX; id += 1) expect((await box.apply(join(id))).error).toBeUndefined();
    expect(await box.apply(join(99))).toMatchObject({ error: 'CHATLISTS_TOO_MUCH' });
    for (let id = 100; id < 100 + DIALOG_FILTERS_MAX - CHATLISTS_MAX; id += 1) await box.apply(set(id));
    expect(await box.apply(join(99))).toMatchObject({ error: 'DIALOG_FILTERS_TOO_MUCH' });
  });
});
