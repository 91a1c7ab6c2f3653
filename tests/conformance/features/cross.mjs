// Different libraries, and so different layers, talking to each other.
import assert from 'node:assert/strict';
import { incoming, notice, peerId } from './expect.mjs';

/** One entry per ordered pair of libraries, and one group and one supergroup with all of them in it. */
export function crossClientFeatures(stages) {
  return [...pairs(stages), ...(stages.length > 1 ? [['one group of all', () => oneGroup(stages)], ['one supergroup of all', () => oneSupergroup(stages)]] : [])];
}

/** The first library's Alice and the others' Bobs, whom she knows. */
async function peopleOf([first, ...rest]) {
  for (const { bPhone, bId } of rest) assert.equal((await first.a.op('importContact', { phone: bPhone, firstName: 'Other library' })).id, bId);
  return [{ library: first.library, client: first.a, id: first.aId }, ...rest.map(({ library, b, bId }) => ({ library, client: b, id: bId }))];
}

async function oneGroup(stages) {
  const people = await peopleOf(stages);
  const [owner, ...others] = people;
  const title = `all libraries ${Date.now()}`;
  const { id: chat } = await owner.client.op('createGroup', { title, users: others.map(({ id }) => id) });
  for (const { client } of others) await client.update((update) => notice(update, 'ChatCreate')?.peer === chat, 'the new group');
  await talkInTurn(people, chat, title);
}

async function oneSupergroup(stages) {
  const people = await peopleOf(stages);
  const [owner, ...others] = people;
  const title = `all libraries ${Date.now()}`;
  const { id: chat } = await owner.client.op('createChannel', { title, broadcast: false });
  for (const { client, id } of others) {
    await owner.client.op('addMember', { chat, user: id });
    await client.update((update) => update._ === 'updateChannel' && peerId(update) === chat, 'the channel');
  }
  await talkInTurn(people, chat, title);
}

/** Each says something that all others get; then everybody sees the same chat. */
async function talkInTurn(people, chat, title) {
  for (const { library, client, id } of people) {
    const others = people.filter((other) => other.client !== client);
    const marks = others.map((other) => other.client.mark());
    const text = `${library} says ${Date.now()}`;
    await client.op('send', { peer: chat, text });
    await Promise.all(others.map(async (other, index) => {
      const message = incoming(await other.client.update((update) => incoming(update)?.text === text, text, 8000, marks[index]));
      assert.deepEqual([message.peer, message.from], [chat, id], other.library);
    }));
  }
  for (const { library, client } of people) {
    assert.equal((await client.op('chat', { chat })).title, title, library);
    assert.deepEqual((await client.op('members', { chat })).map((member) => member.id).sort(), people.map(({ id }) => id).sort(), library);
  }
}

function pairs(stages) {
  return stages.flatMap((from) => stages.filter((to) => to !== from).map((to) => [`${from.library} → ${to.library}`, async () => {
    const { id } = await from.a.op('importContact', { phone: to.bPhone, firstName: 'Other library' });
    assert.equal(id, to.bId);
    const text = `from ${from.library} to ${to.library} ${Date.now()}`;
    const mark = to.b.mark();
    const sent = await from.a.op('send', { peer: id, text });
    await to.b.update((update) => incoming(update)?.text === text, text, 8000, mark);
    await from.a.op('edit', { peer: id, id: sent.id, text: `${text} edited` });
    await to.b.update((update) => update._ === 'updateEditMessage' && update.message.message === `${text} edited`, 'the edit', 8000, mark);
  }]));
}
