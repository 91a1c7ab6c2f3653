// Three people who know each other, and how they talk in groups and channels. `t`: see index.mjs; chats are named by their marked ids.
import assert from 'node:assert/strict';
import { incoming, peerId } from './expect.mjs';

let serial = 0;
/** A text that nobody has said. */
export const unique = (what) => `${what} ${Date.now().toString(36)}${(serial += 1)}`;
/** A username that nobody has. */
export const freeName = (what) => `${what}_${Date.now().toString(36)}${(serial += 1)}`;
export const randomId = () => ({ $long: String(BigInt(Date.now()) * 1000n + BigInt((serial += 1))) });
export const texts = (messages) => messages.map((message) => message.text).filter(Boolean);
export const statusOf = (members, id) => members.find((member) => member.id === id)?.status;
export const dialogOf = async (client, chat) => (await client.op('dialogs')).find((dialog) => dialog.peer === chat);
export const history = async (client, chat, limit = 30) => texts(await client.op('history', { peer: chat, limit }));

/** Alice, Bob and Carol; Alice knows both, and Bob and Carol know each other. Made once for each library. */
const trios = new WeakMap();
export function trio(t) {
  if (!trios.has(t)) {
    trios.set(t, (async () => {
      const carol = await t.signUp('Carol');
      const [a, b] = [{ client: t.a, id: t.aId }, { client: t.b, id: t.bId }];
      for (const each of [a, b]) {
        await t.introduce(each, carol.client, carol.id);
        await t.introduce(carol, each.client, each.id);
      }
      return { a, b, c: carol };
    })());
  }
  return trios.get(t);
}

/** Sends into a chat and waits until these people have it. @returns {sent, received: what each got} */
export async function say(from, chat, others, text, options = {}) {
  const marks = others.map(({ client }) => client.mark());
  const sent = await from.client.op('send', { peer: chat, text, ...options });
  const received = await Promise.all(others.map(async ({ client }, index) => incoming(await client.update((u) => incoming(u)?.text === text, `"${text}"`, 8000, marks[index]))));
  for (const message of received) {
    assert.equal(message.peer, chat);
    assert.equal(message.from, from.id);
    assert.equal(message.out, false);
  }
  return { sent, received };
}

/** Until `act` is done, whether these people get an update that satisfies `test`. @returns what they got */
export async function expecting(people, what, test, act) {
  const marks = people.map(({ client }) => client.mark());
  const result = await act();
  const updates = await Promise.all(people.map(({ client }, index) => client.update(test, what, 8000, marks[index])));
  return { result, updates };
}

/** What Bob does with the dialog of a group that Alice made, as his list and nobody else's shows it. `peer`: as his client names it. */
export async function tendsDialog(a, b, chat, peer) {
  const dialogPeer = { _: 'inputDialogPeer', peer };
  await b.client.call('messages.toggleDialogPin', { pinned: true, peer: dialogPeer });
  assert.equal((await dialogOf(b.client, chat)).pinned, true);
  assert.equal((await dialogOf(a.client, chat)).pinned, false);
  const pinned = await b.client.call('messages.getPinnedDialogs', { folder_id: 0 });
  assert.deepEqual(pinned.dialogs.map((dialog) => peerId(dialog.peer)), [chat]);
  assert.ok(pinned.chats.some((each) => String(each.id) === String(peer.chat_id ?? peer.channel_id)), 'the chat comes along');
  await b.client.call('messages.toggleDialogPin', { peer: dialogPeer });
  await b.client.call('messages.markDialogUnread', { unread: true, peer: dialogPeer });
  assert.equal((await dialogOf(b.client, chat)).mark, true);
  const message = unique('unfinished');
  await b.client.call('messages.saveDraft', { peer, message });
  assert.equal((await dialogOf(b.client, chat)).draft, message);
  await b.client.call('messages.saveDraft', { peer, message: '' });
  assert.equal((await dialogOf(b.client, chat)).draft, '');
}

/** Somebody follows a link by which admins are asked. What a library makes of INVITE_REQUEST_SENT is its own. */
export async function asksToJoin({ client }, link) {
  const answer = await client.op('join', { link }).catch((error) => ({ error: error.message }));
  assert.ok(answer.requested || /INVITE_?REQUEST_?SENT/i.test(answer.error ?? ''), JSON.stringify(answer));
}
