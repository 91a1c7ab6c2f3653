// What clients show of many messages at once: media by days and places, Saved Messages by what they are from. `t`: see index.mjs.
import assert from 'node:assert/strict';
import { expectError, incoming, peerId } from './expect.mjs';

const LINKS = { _: 'inputMessagesFilterUrl' };
/** Libraries make dates of numbers, each its own. */
const seconds = (date) => (typeof date === 'number' ? date : Math.floor(new Date(date).getTime() / 1_000));

/** Three links among other messages of a chat; their ids, oldest first. */
async function linksIn(client, peer) {
  const ids = [];
  for (const place of ['one', 'two', 'three']) {
    await client.op('send', { peer, text: `something else than ${place}` });
    ids.push((await client.op('send', { peer, text: `look at https://example.org/${place}` })).id);
  }
  return ids;
}

/** What somebody is told of the links of a chat. */
async function expectPlaces(client, peer, ids) {
  const newest = [...ids].reverse();
  const { count, positions } = await client.call('messages.getSearchResultsPositions', { peer, filter: LINKS, offset_id: 0, limit: 50 });
  assert.deepEqual([count, positions.map(({ msg_id: id, offset }) => [id, offset])], [ids.length, newest.map((id, index) => [id, index])]);
  const sparse = await client.call('messages.getSearchResultsPositions', { peer, filter: LINKS, offset_id: 0, limit: 2 });
  assert.deepEqual(sparse.positions.map(({ msg_id: id, offset }) => [id, offset]), [[newest[0], 0], [newest[2], 2]]);
  const days = await client.call('messages.getSearchResultsCalendar', { peer, filter: LINKS, offset_id: 0, offset_date: 0 });
  assert.equal(days.count, ids.length);
  assert.equal(days.periods.reduce((sum, period) => sum + period.count, 0), ids.length);
  // One message for each day; around midnight there are two days.
  assert.deepEqual(days.messages.map(({ id }) => id), days.periods.map((period) => period.min_msg_id));
  assert.ok(days.periods.every(({ date }) => seconds(date) % 86_400 === 0));
  assert.deepEqual([days.periods[0].max_msg_id, days.min_msg_id], [newest[0], ids[0]]);
  const rest = await client.call('messages.getSearchResultsCalendar', { peer, filter: LINKS, offset_id: newest[1], offset_date: 0 });
  assert.equal(rest.periods.reduce((sum, period) => sum + period.count, 0), 1);
}

export const overviewFeatures = [
  ['media by days and places: private chat, group, supergroup', async (t) => {
    const friend = await t.stranger();
    const mark = friend.client.mark();
    const ids = await linksIn(t.a, friend.id);
    await expectPlaces(t.a, await t.a.op('inputPeer', { peer: friend.id }), ids);
    await friend.client.update((u) => incoming(u)?.text === 'look at https://example.org/three', 'the last link', 8000, mark);
    const own = await friend.client.op('history', { peer: t.aId, limit: 10 });
    await expectPlaces(friend.client, await friend.client.op('inputPeer', { peer: t.aId }), own.filter(({ text }) => text.startsWith('look')).map(({ id }) => id).reverse());
    const { id: group } = await t.a.op('createGroup', { title: 'Links', users: [t.bId] });
    await expectPlaces(t.a, { _: 'inputPeerChat', chat_id: -group }, await linksIn(t.a, group));
    const { id: channel } = await t.a.op('createChannel', { title: 'Links', about: '', broadcast: false });
    await t.a.op('addMember', { chat: channel, user: t.bId });
    const peer = await t.a.op('inputPeer', { peer: channel });
    const posted = await linksIn(t.a, channel);
    await expectPlaces(t.a, peer, posted);
    await t.a.op('remove', { peer: channel, ids: [posted[1]], revoke: true });
    assert.equal((await t.a.call('messages.getSearchResultsPositions', { peer, filter: LINKS, offset_id: 0, limit: 50 })).count, 2);
    await expectError(t.a.call('messages.getSearchResultsCalendar', { peer, filter: { _: 'inputMessagesFilterEmpty' }, offset_id: 0, offset_date: 0 }), 'FILTER_NOT_SUPPORTED');
  }],
  ['Saved Messages by what they are from, on two devices', async (t) => {
    const owner = await t.signUp('Keeper');
    const friend = await t.signUp('Friend');
    await t.introduce(owner, friend.client, friend.id);
    await t.introduce(friend, owner.client, owner.id);
    const [a, other] = [owner.client, await t.open()];
    await other.op('start', { phone: owner.phone, code: t.code, firstName: 'unused' });
    const mark = other.mark();
    const note = await a.op('send', { peer: 'me', text: 'a note' });
    const said = await a.op('send', { peer: friend.id, text: 'to be kept' });
    const [kept] = await a.op('forward', { from: friend.id, ids: [said.id], to: 'me' });
    const { id: channel } = await a.op('createChannel', { title: 'Kept', about: '', broadcast: true });
    const post = await a.op('send', { peer: channel, text: 'a post to keep' });
    const [posted] = await a.op('forward', { from: channel, ids: [post.id], to: 'me' });
    const told = await other.update((u) => incoming(u)?.id === posted.id && incoming(u).peer === owner.id, 'the post on the other device', 8000, mark);
    assert.equal(peerId(incoming(told).raw.saved_peer_id), channel);
    const [friendPeer, channelPeer] = [await a.op('inputPeer', { peer: friend.id }), await a.op('inputPeer', { peer: channel })];
    const saved = async (more = {}) => (await other.call('messages.getSavedDialogs', { offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 10, hash: 0, ...more })).dialogs.map((each) => [peerId(each.peer), each.top_message]);
    assert.deepEqual(await saved(), [[channel, posted.id], [friend.id, kept.id], [owner.id, note.id]]);
    const page = { offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0, hash: 0 };
    assert.deepEqual((await a.call('messages.getSavedHistory', { peer: friendPeer, offset_date: 0, ...page })).messages.map(({ id }) => id), [kept.id]);
    const found = await a.call('messages.search', { peer: { _: 'inputPeerSelf' }, saved_peer_id: channelPeer, q: 'keep', filter: { _: 'inputMessagesFilterEmpty' }, min_date: 0, max_date: 0, ...page });
    assert.deepEqual(found.messages.map(({ id }) => id), [posted.id]);
    const before = other.mark();
    await a.call('messages.toggleSavedDialogPin', { pinned: true, peer: { _: 'inputDialogPeer', peer: friendPeer } });
    const pinned = await other.update((u) => u._ === 'updateSavedDialogPinned', 'the pin', 8000, before);
    assert.deepEqual([Boolean(pinned.pinned), peerId(pinned.peer.peer)], [true, friend.id]);
    await a.call('messages.reorderPinnedSavedDialogs', { force: true, order: [channelPeer, friendPeer].map((peer) => ({ _: 'inputDialogPeer', peer })) });
    const order = await other.update((u) => u._ === 'updatePinnedSavedDialogs', 'their order', 8000, before);
    assert.deepEqual(order.order.map(({ peer }) => peerId(peer)), [channel, friend.id]);
    assert.deepEqual((await other.call('messages.getPinnedSavedDialogs')).dialogs.map((each) => peerId(each.peer)), [channel, friend.id]);
    assert.deepEqual(await saved({ exclude_pinned: true }), [[owner.id, note.id]]);
    await a.call('messages.deleteSavedHistory', { peer: friendPeer, max_id: 0 });
    await other.update((u) => u._ === 'updateDeleteMessages' && u.messages.includes(kept.id), 'the deletion', 8000, before);
    assert.deepEqual(await saved(), [[channel, posted.id], [owner.id, note.id]]);
    assert.deepEqual((await other.op('history', { peer: 'me', limit: 10 })).map(({ id }) => id), [posted.id, note.id]);
    await expectError(a.call('messages.toggleSavedDialogPin', { pinned: true, peer: { _: 'inputDialogPeer', peer: friendPeer } }), 'PEER_ID_INVALID');
  }],
];
