// What people set for their chats, on several devices: notifications, the archive, folders. `t`: see index.mjs.
import assert from 'node:assert/strict';
import { eventually, expectError, incoming, peerId } from './expect.mjs';

const FOREVER = 0x7fffffff;

/** Somebody new with two devices of the same library, and a friend who writes to them. */
async function ownerOf(t) {
  const owner = await t.signUp('Owner');
  const friend = await t.signUp('Friend');
  await t.introduce(owner, friend.client, friend.id);
  await t.introduce(friend, owner.client, owner.id);
  const other = await t.open();
  await other.op('start', { phone: owner.phone, code: t.code, firstName: 'unused' });
  const first = owner.client.mark();
  await friend.client.op('send', { peer: owner.id, text: 'hello' });
  await owner.client.update((u) => incoming(u)?.text === 'hello', 'the first message', 8000, first);
  // A library can only name whom it has seen.
  await eventually(async () => assert.ok((await other.op('dialogs')).some((dialog) => dialog.peer === friend.id)));
  return { a: owner.client, other, friend, peer: await owner.client.op('inputPeer', { peer: friend.id }) };
}
const listed = async (client, folder) => (await client.call('messages.getDialogs', { ...(folder === undefined ? {} : { folder_id: folder }), offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 50, hash: 0 })).dialogs;
const archiveOf = async (client) => (await client.call('messages.getPinnedDialogs', { folder_id: 0 })).dialogs.find((dialog) => dialog._ === 'dialogFolder');
const peersIn = async (client, folder) => (await listed(client, folder)).filter((dialog) => dialog._ === 'dialog').map((dialog) => peerId(dialog.peer));
const archive = (client, peer, folder) => client.call('folders.editPeerFolders', { folder_peers: [{ _: 'inputFolderPeer', peer, folder_id: folder }] });
const titleOf = (filter) => filter.title.text ?? filter.title;

export const dialogFeatures = [
  ['notification settings, on two devices', async (t) => {
    const { a, other, friend, peer } = await ownerOf(t);
    const target = { _: 'inputNotifyPeer', peer };
    const mark = other.mark();
    await a.call('account.updateNotifySettings', { peer: target, settings: { _: 'inputPeerNotifySettings', mute_until: FOREVER, silent: true } });
    const told = await other.update((u) => u._ === 'updateNotifySettings' && peerId(u.peer.peer) === friend.id, 'the settings on the other device', 8000, mark);
    for (const settings of [told.notify_settings, await other.call('account.getNotifySettings', { peer: target }), (await listed(other)).find((dialog) => peerId(dialog.peer) === friend.id).notify_settings]) {
      assert.ok(new Date(settings.mute_until).getTime() > 0 || settings.mute_until === FOREVER, `muted until ${settings.mute_until}`);
      assert.equal(settings.silent, true);
    }
    const full = await a.call('users.getFullUser', { id: await t.inputUser(a, friend.id) });
    assert.equal(full.full_user.notify_settings.silent, true);
    const exceptions = await other.call('account.getNotifyExceptions', {});
    assert.deepEqual(exceptions.updates.map((u) => peerId(u.peer.peer)), [friend.id]);
    assert.ok(exceptions.users.some((user) => user.id === friend.id));
    await a.call('account.updateNotifySettings', { peer: { _: 'inputNotifyChats' }, settings: { _: 'inputPeerNotifySettings', show_previews: false } });
    assert.equal((await other.call('account.getNotifySettings', { peer: { _: 'inputNotifyChats' } })).show_previews, false);
    assert.equal((await other.call('account.getNotifySettings', { peer: { _: 'inputNotifyUsers' } })).show_previews, true);
    await a.call('account.resetNotifySettings');
    assert.equal((await other.call('account.getNotifySettings', { peer: { _: 'inputNotifyChats' } })).show_previews, true);
    assert.equal((await other.call('account.getNotifyExceptions', {})).updates.length, 0);
    await expectError(a.call('account.getNotifySettings', { peer: { _: 'inputNotifyPeer', peer: { _: 'inputPeerUser', user_id: friend.id, access_hash: { $long: '1' } } } }), 'PEER_ID_INVALID');
  }],
  ['what is offered above a chat, on two devices', async (t) => {
    const { a, other, friend, peer } = await ownerOf(t);
    const user = await t.inputUser(a, friend.id);
    const facts = ({ add_contact: add, block_contact: block }) => [Boolean(add), Boolean(block)];
    const offered = async () => facts((await other.call('messages.getPeerSettings', { peer: await other.op('inputPeer', { peer: friend.id }) })).settings);
    const onTheOther = async (act) => {
      const mark = other.mark();
      await act();
      return facts((await other.update((u) => u._ === 'updatePeerSettings' && peerId(u.peer) === friend.id, 'the bar on the other device', 8000, mark)).settings);
    };
    // Whoever was introduced is a contact.
    assert.deepEqual(await offered(), [false, false]);
    assert.deepEqual(await onTheOther(() => a.call('contacts.deleteContacts', { id: [user] })), [true, true]);
    assert.deepEqual(await onTheOther(() => a.call('contacts.block', { id: peer })), [true, false]);
    assert.deepEqual(await onTheOther(() => a.call('contacts.unblock', { id: peer })), [true, true]);
    assert.deepEqual(await offered(), [true, true]);
    assert.deepEqual(await onTheOther(() => a.call('messages.hidePeerSettingsBar', { peer })), [false, false]);
    assert.deepEqual(await offered(), [false, false]);
    assert.deepEqual(facts((await a.call('users.getFullUser', { id: user })).full_user.settings), [false, false]);
    await expectError(a.call('messages.hidePeerSettingsBar', { peer: { _: 'inputPeerUser', user_id: friend.id, access_hash: { $long: '1' } } }), 'PEER_ID_INVALID');
  }],
  ['close friends, on two devices', async (t) => {
    const { a, other, friend } = await ownerOf(t);
    const isClose = async (client) => Boolean((await client.call('users.getUsers', { id: [await t.inputUser(client, friend.id)] }))[0].close_friend);
    const mark = other.mark();
    await a.call('contacts.editCloseFriends', { id: [friend.id] });
    await other.update((u) => u._ === 'updateUser' && u.user_id === friend.id, 'the change on the other device', 8000, mark);
    assert.deepEqual([await isClose(a), await isClose(other)], [true, true]);
    assert.ok((await a.call('contacts.getContacts', { hash: 0 })).users.some(({ id, close_friend: close }) => id === friend.id && close));
    await other.call('contacts.editCloseFriends', { id: [] });
    assert.deepEqual([await isClose(a), await isClose(other)], [false, false]);
  }],
  ['archive, on two devices', async (t) => {
    const { a, other, friend, peer } = await ownerOf(t);
    const mark = other.mark();
    await archive(a, peer, 1);
    await other.update((u) => u._ === 'updateFolderPeers' && peerId(u.folder_peers[0].peer) === friend.id && u.folder_peers[0].folder_id === 1, 'the move on the other device', 8000, mark);
    assert.ok(!(await peersIn(other, 0)).includes(friend.id));
    assert.deepEqual(await peersIn(other, 1), [friend.id]);
    assert.ok((await peersIn(other)).includes(friend.id));
    assert.equal(peerId((await archiveOf(other)).peer), friend.id);
    // The library's own lists: all chats, the main list, the archive.
    assert.ok((await a.op('dialogs')).some((dialog) => dialog.peer === friend.id));
    assert.ok(!(await a.op('dialogs', { folder: 0 })).some((dialog) => dialog.peer === friend.id));
    assert.deepEqual((await a.op('dialogs', { folder: 1 })).map((dialog) => dialog.peer), [friend.id]);
    await a.call('messages.toggleDialogPin', { pinned: true, peer: { _: 'inputDialogPeer', peer } });
    assert.deepEqual((await other.call('messages.getPinnedDialogs', { folder_id: 1 })).dialogs.map((dialog) => peerId(dialog.peer)), [friend.id]);
    await expectError(archive(a, peer, 7), 'FOLDER_ID_INVALID');
  }],
  ['who writes comes back from the archive, unless muted', async (t) => {
    const { a, friend, peer } = await ownerOf(t);
    const target = { _: 'inputNotifyPeer', peer };
    await archive(a, peer, 1);
    await a.call('account.updateNotifySettings', { peer: target, settings: { _: 'inputPeerNotifySettings', mute_until: FOREVER } });
    const quiet = a.mark();
    await friend.client.op('send', { peer: (await friend.client.op('dialogs'))[0].peer, text: 'unheard' });
    await a.update((u) => incoming(u)?.text === 'unheard', 'the muted message', 8000, quiet);
    assert.deepEqual(await peersIn(a, 1), [friend.id]);
    assert.equal((await archiveOf(a)).unread_muted_peers_count, 1);
    await a.call('account.updateNotifySettings', { peer: target, settings: { _: 'inputPeerNotifySettings', mute_until: 0 } });
    const mark = a.mark();
    await friend.client.op('send', { peer: (await friend.client.op('dialogs'))[0].peer, text: 'heard' });
    await a.update((u) => u._ === 'updateFolderPeers' && u.folder_peers[0].folder_id === 0, 'the return', 8000, mark);
    assert.deepEqual(await peersIn(a, 1), []);
    assert.ok((await peersIn(a, 0)).includes(friend.id));
  }],
  ['archived while away: the difference says so', async (t) => {
    const { a, other, friend, peer } = await ownerOf(t);
    const { pts, date, qts } = await other.call('updates.getState');
    await other.op('disconnect');
    await archive(a, peer, 1);
    const difference = await a.call('updates.getDifference', { pts, date: typeof date === 'number' ? date : Math.floor(new Date(date).getTime() / 1000), qts });
    assert.ok(difference.other_updates.some((u) => u._ === 'updateFolderPeers' && peerId(u.folder_peers[0].peer) === friend.id));
    await other.op('reconnect');
    await eventually(async () => assert.deepEqual(await peersIn(other, 1), [friend.id]));
  }],
  ['folders, on two devices', async (t) => {
    const { a, other, friend, peer } = await ownerOf(t);
    const folder = (id, text, more = {}) => ({ id, filter: { _: 'dialogFilter', id, title: { _: 'textWithEntities', text, entities: [] }, pinned_peers: [], include_peers: [], exclude_peers: [], ...more } });
    const mark = other.mark();
    await a.call('messages.updateDialogFilter', folder(2, 'Friends', { include_peers: [peer] }));
    const told = await other.update((u) => u._ === 'updateDialogFilter' && u.id === 2, 'the folder on the other device', 8000, mark);
    assert.equal(titleOf(told.filter), 'Friends');
    assert.deepEqual(told.filter.include_peers.map(peerId), [friend.id]);
    await a.call('messages.updateDialogFilter', folder(3, 'Groups', { groups: true }));
    await a.call('messages.updateDialogFiltersOrder', { order: [0, 3, 2] });
    await other.update((u) => u._ === 'updateDialogFilterOrder' && u.order.join() === '0,3,2', 'the order', 8000, mark);
    const filters = async () => (await other.call('messages.getDialogFilters')).filters;
    assert.deepEqual((await filters()).map((filter) => filter.id ?? 0), [0, 3, 2]);
    // The peer in it can be used as it is.
    const [stored] = (await filters()).at(-1).include_peers;
    assert.equal((await other.call('messages.getPeerDialogs', { peers: [{ _: 'inputDialogPeer', peer: stored }] })).dialogs.length, 1);
    await a.call('messages.updateDialogFilter', { id: 3 });
    await other.update((u) => u._ === 'updateDialogFilter' && u.id === 3 && !u.filter, 'the deletion', 8000, mark);
    assert.deepEqual((await filters()).map((filter) => filter.id ?? 0), [0, 2]);
    assert.equal((await a.call('messages.getSuggestedDialogFilters')).length, 2);
    await expectError(a.call('messages.updateDialogFilter', folder(4, '', { groups: true })), 'FILTER_TITLE_EMPTY');
    await expectError(a.call('messages.updateDialogFilter', folder(4, 'None')), 'FILTER_INCLUDE_EMPTY');
    await expectError(a.call('messages.updateDialogFilter', folder(1, 'x', { groups: true })), 'FILTER_ID_INVALID');
    for (let id = 10; id < 29; id += 1) await a.call('messages.updateDialogFilter', folder(id, `f${id}`, { groups: true }));
    await expectError(a.call('messages.updateDialogFilter', folder(99, 'x', { groups: true })), 'DIALOG_FILTERS_TOO_MUCH');
  }],
];
