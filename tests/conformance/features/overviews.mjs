// What clients show of many messages or chats at once: media by days and places. `t`: see index.mjs.
import assert from 'node:assert/strict';
import { expectError, incoming } from './expect.mjs';

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
];
