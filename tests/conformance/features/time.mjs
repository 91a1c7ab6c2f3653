// What waits for its time: scheduled messages and auto-delete periods. `t`: see index.mjs.
import assert from 'node:assert/strict';
import { eventually, expectError, incoming, notice } from './expect.mjs';

let serial = 0;
const unique = (what) => `${what} ${Date.now().toString(36)}${(serial += 1)}`;
const randomId = () => ({ $long: String(BigInt(Date.now()) * 1000n + BigInt((serial += 1))) });
const soon = (seconds) => Math.floor(Date.now() / 1000) + seconds;
const texts = (messages) => messages.map((message) => message.text).filter(Boolean);
const history = async (client, peer) => texts(await client.op('history', { peer, limit: 20 }));

/** Two people who wrote to each other, with how the first names the second. */
async function pair(t) {
  const [carol, dave] = [await t.signUp('Carol'), await t.signUp('Dave')];
  await t.introduce(carol, dave.client, dave.id);
  await t.introduce(dave, carol.client, carol.id);
  return { carol, dave, peer: await carol.client.op('inputPeer', { peer: dave.id }) };
}

async function schedule(client, peer, message, at, more = {}) {
  const { updates } = await client.call('messages.sendMessage', { peer, message, random_id: randomId(), schedule_date: at, ...more });
  return updates.find((update) => update._ === 'updateNewScheduledMessage').message;
}
const queue = async (client, peer) => (await client.call('messages.getScheduledHistory', { peer, hash: 0 })).messages;

export const timeFeatures = [
  ['a scheduled message', async (t) => {
    const { carol, dave, peer } = await pair(t);
    const [text, other] = [unique('due'), unique('changed')];
    const at = soon(12);
    const kept = await schedule(carol.client, peer, text, at);
    assert.equal(kept.date, at);
    const put = await schedule(carol.client, peer, unique('first'), soon(3600));
    await carol.client.call('messages.editMessage', { peer, id: put.id, message: other, schedule_date: soon(7200) });
    assert.deepEqual((await queue(carol.client, peer)).map(({ id, message }) => [id, message]), [[put.id, other], [kept.id, text]]);
    const [mine, theirs] = [carol.client.mark(), dave.client.mark()];
    const gone = await carol.client.update((u) => u._ === 'updateDeleteScheduledMessages', 'the end of waiting', 20_000, mine);
    assert.deepEqual(gone.messages, [kept.id]);
    const sent = (await carol.client.update((u) => u._ === 'updateNewMessage' && u.message.message === text, 'the own message', 8000, mine)).message;
    assert.equal(Boolean(sent.from_scheduled), true);
    assert.equal(incoming(await dave.client.update((u) => incoming(u)?.text === text, 'the message', 8000, theirs)).out, false);
    await carol.client.call('messages.sendScheduledMessages', { peer, id: [put.id] });
    await eventually(async () => assert.deepEqual((await history(dave.client, carol.id)).slice(0, 2), [other, text]));
    assert.deepEqual(await queue(carol.client, peer), []);
  }],
  ['scheduled: given up, refused', async (t) => {
    const { carol, dave, peer } = await pair(t);
    const kept = await schedule(carol.client, peer, unique('never'), soon(11));
    const { updates } = await carol.client.call('messages.deleteScheduledMessages', { peer, id: [kept.id] });
    assert.deepEqual(updates.find((update) => update._ === 'updateDeleteScheduledMessages').messages, [kept.id]);
    await expectError(carol.client.call('messages.sendScheduledMessages', { peer, id: [kept.id] }), 'MESSAGE_ID_INVALID');
    await expectError(schedule(carol.client, peer, 'x', soon(400 * 86_400)), 'SCHEDULE_DATE_TOO_LATE');
    const note = unique('note');
    await schedule(carol.client, { _: 'inputPeerSelf' }, note, soon(11));
    await eventually(async () => assert.ok((await history(carol.client, 'me')).includes(note)), 20_000);
    assert.ok(!(await history(dave.client, carol.id)).some((text) => text.startsWith('never')));
  }],
  ['an auto-delete period', async (t) => {
    const { carol, dave, peer } = await pair(t);
    const [stays, mine, theirs] = [unique('stays'), unique('mine'), unique('theirs')];
    await carol.client.op('send', { peer: dave.id, text: stays });
    const mark = dave.client.mark();
    await carol.client.call('messages.setHistoryTTL', { peer, period: 5 });
    assert.equal(notice(await dave.client.update((u) => notice(u, 'SetMessagesTTL'), 'the notice', 8000, mark)).action.period, 5);
    await expectError(carol.client.call('messages.setHistoryTTL', { peer, period: 5 }), 'CHAT_NOT_MODIFIED');
    await carol.client.op('send', { peer: dave.id, text: mine });
    await dave.client.op('send', { peer: carol.id, text: theirs });
    const [full] = [await carol.client.call('users.getFullUser', { id: await t.inputUser(carol.client, dave.id) })];
    assert.equal(full.full_user.ttl_period, 5);
    for (const [{ client }, id] of [[carol, dave.id], [dave, carol.id]]) {
      await eventually(async () => {
        const shown = await history(client, id);
        assert.ok(shown.includes(stays) && !shown.includes(mine) && !shown.includes(theirs), shown.join());
      }, 20_000);
    }
    await carol.client.call('messages.setDefaultHistoryTTL', { period: 86_400 });
    assert.equal((await carol.client.call('messages.getDefaultHistoryTTL')).period, 86_400);
  }],
];
