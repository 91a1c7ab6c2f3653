// Reactions, as every client library gives and sees them. `t`: see index.mjs.
import assert from 'node:assert/strict';
import { eventually, expectError, incoming, isEdit, notice } from './expect.mjs';

let serial = 0;
const unique = (what) => `${what} ${Date.now().toString(36)}${(serial += 1)}`;
const HEART = '\u2764';
const THUMB = '\u{1f44d}';
const emojiOf = (reaction) => reaction.emoticon;
/** What is shown of reactions: emoji and how many, the most frequent first. */
const counts = (reactions) => (reactions?.results ?? []).map(({ reaction, count }) => [emojiOf(reaction), count]);

/** Sends from one to the other (or into a group) and waits until that one has it. @returns the ids of both copies */
async function exchange(from, to, peer, text) {
  const mark = to.mark();
  const { id } = await from.op('send', { peer, text });
  return { own: id, theirs: incoming(await to.update((u) => incoming(u)?.text === text, `"${text}"`, 8000, mark)).id };
}

/** The reactions to a message as the server tells of them. */
async function reactionsTo(client, peer, id) {
  const { updates } = await client.call('messages.getMessagesReactions', { peer, id: [id] });
  assert.equal(updates.length, 1);
  assert.match(updates[0]._, /updateMessageReactions$/i);
  return updates[0].reactions;
}

const unreadIn = async (client, peer) => (await client.call('messages.getPeerDialogs', { peers: [{ _: 'inputDialogPeer', peer }] })).dialogs[0].unread_reactions_count;
const page = { offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0 };

export const reactionFeatures = [
  ['reactions: private chat, both sides, unread', async (t) => {
    const { own, theirs } = await exchange(t.a, t.b, t.bId, unique('react to me'));
    const [aPeer, bPeer] = [await t.a.op('inputPeer', { peer: t.bId }), await t.b.op('inputPeer', { peer: t.aId })];
    const mark = t.a.mark();
    await t.b.op('react', { peer: t.aId, id: theirs, emoji: HEART });
    const edit = await t.a.update((u) => isEdit(u) && u.message.id === own, 'the edit that brings a reaction', 8000, mark);
    assert.deepEqual(counts(edit.message.reactions), [[HEART, 1]]);
    const [recent] = edit.message.reactions.recent_reactions;
    assert.equal(recent.peer_id.user_id, t.bId);
    assert.equal(Boolean(recent.unread), true);
    assert.equal(edit.message.edit_date ?? 0, 0, 'a reaction is no edit of the text');
    assert.ok((await reactionsTo(t.b, bPeer, theirs)).results[0].chosen_order !== undefined, 'own reaction is marked');
    assert.equal(await unreadIn(t.a, aPeer), 1);
    assert.deepEqual((await t.a.call('messages.getUnreadReactions', { peer: aPeer, ...page })).messages.map(({ id }) => id), [own]);
    assert.equal((await t.a.call('messages.readReactions', { peer: aPeer })).pts_count, 1);
    assert.equal(await unreadIn(t.a, aPeer), 0);
    // Another takes its place, on both sides.
    await t.b.op('react', { peer: t.aId, id: theirs, emoji: THUMB });
    await eventually(async () => assert.deepEqual(counts(await reactionsTo(t.a, aPeer, own)), [[THUMB, 1]]));
    await t.a.op('react', { peer: t.bId, id: own, emoji: THUMB });
    await eventually(async () => assert.deepEqual(counts(await reactionsTo(t.b, bPeer, theirs)), [[THUMB, 2]]));
    await expectError(t.b.op('react', { peer: t.aId, id: theirs, emoji: THUMB }), 'MESSAGE_NOT_MODIFIED');
    // An edit keeps them, and history shows them.
    await t.a.op('edit', { peer: t.bId, id: own, text: unique('still liked') });
    const [newest] = await t.a.op('history', { peer: t.bId, limit: 1 });
    assert.equal(newest.id, own);
    if (newest.raw) assert.deepEqual(counts(newest.raw.reactions), [[THUMB, 2]]);
    for (const [client, peer, id] of [[t.b, t.aId, theirs], [t.a, t.bId, own]]) await client.op('react', { peer, id, emoji: '' });
    await eventually(async () => assert.deepEqual(counts(await reactionsTo(t.a, aPeer, own)), []));
  }],
  ['reactions: refused', async (t) => {
    const { theirs } = await exchange(t.a, t.b, t.bId, unique('not so'));
    await expectError(t.b.op('react', { peer: t.aId, id: theirs, emoji: '\u{1f9ee}' }), 'REACTION_INVALID');
    await expectError(t.b.op('react', { peer: t.aId, id: theirs + 1000, emoji: HEART }), 'MESSAGE_ID_INVALID');
    const peer = await t.b.op('inputPeer', { peer: t.aId });
    await expectError(t.b.call('messages.sendReaction', { peer, msg_id: theirs, reaction: [{ _: 'reactionCustomEmoji', document_id: 5 }] }), 'PREMIUM_ACCOUNT_REQUIRED');
    await expectError(t.b.call('messages.sendReaction', { peer, msg_id: theirs, reaction: [HEART, THUMB].map((emoticon) => ({ _: 'reactionEmoji', emoticon })) }), 'REACTIONS_TOO_MANY');
  }],
  ['reactions: basic group, list, which it takes', async (t) => {
    const mark = t.b.mark();
    const { id: chat } = await t.a.op('createGroup', { title: unique('reacting'), users: [t.bId] });
    const peer = { _: 'inputPeerChat', chat_id: -chat };
    await t.b.update((u) => notice(u, 'ChatCreate')?.peer === chat, 'the new group', 8000, mark);
    const { own, theirs } = await exchange(t.a, t.b, chat, unique('all of you'));
    const before = t.a.mark();
    await t.b.op('react', { peer: chat, id: theirs, emoji: HEART });
    // teleproto doesn't count what the group's making brought, asks for the difference, and gets the message as it is by then.
    const told = await t.a.update((u) => (isEdit(u) || u._ === 'updateNewMessage') && u.message.id === own && u.message.reactions, 'the message with a reaction', 8000, before);
    assert.deepEqual(counts(told.message.reactions), [[HEART, 1]]);
    await t.a.op('react', { peer: chat, id: own, emoji: THUMB });
    const list = (more = {}) => t.a.call('messages.getMessageReactionsList', { peer, id: own, limit: 1, ...more });
    const first = await list();
    assert.deepEqual([first.count, first.reactions[0].peer_id.user_id, first.users.length > 0], [2, t.aId, true]);
    const second = await list({ offset: first.next_offset });
    assert.deepEqual(second.reactions.map((each) => [each.peer_id.user_id, emojiOf(each.reaction)]), [[t.bId, HEART]]);
    assert.equal((await list({ reaction: { _: 'reactionEmoji', emoticon: HEART } })).count, 1);
    const taken = async () => (await t.b.call('messages.getFullChat', { chat_id: -chat })).full_chat.available_reactions;
    assert.match((await taken())._, /chatReactionsAll$/i);
    await t.a.call('messages.setChatAvailableReactions', { peer, available_reactions: { _: 'chatReactionsSome', reactions: [{ _: 'reactionEmoji', emoticon: THUMB }] } });
    assert.deepEqual((await taken()).reactions.map(emojiOf), [THUMB]);
    await expectError(t.b.op('react', { peer: chat, id: theirs, emoji: '\u{1f525}' }), 'REACTION_INVALID');
    await t.b.op('react', { peer: chat, id: theirs, emoji: THUMB });
    await eventually(async () => assert.deepEqual(counts(await reactionsTo(t.a, peer, own)), [[THUMB, 2]]));
  }],
  ['reactions: the one of a double tap, on all devices', async (t) => {
    const chosen = async (client) => emojiOf((await client.call('help.getConfig')).reactions_default);
    const device = await t.open();
    await device.op('start', { phone: t.aPhone, code: t.code, firstName: 'unused' });
    const mark = device.mark();
    assert.equal(await t.a.call('messages.setDefaultReaction', { reaction: { _: 'reactionEmoji', emoticon: THUMB } }), true);
    await device.update((u) => u._ === 'updateConfig', 'that the configuration changed', 8000, mark);
    assert.deepEqual([await chosen(t.a), await chosen(device)], [THUMB, THUMB]);
    await expectError(t.a.call('messages.setDefaultReaction', { reaction: { _: 'reactionEmoji', emoticon: 'x' } }), 'REACTION_INVALID');
    await device.op('logOut');
  }],
  ['reactions: offered, used lately', async (t) => {
    assert.deepEqual((await t.a.call('messages.getAvailableReactions', { hash: 0 })).reactions, []);
    const offered = await t.a.call('messages.getTopReactions', { limit: 100, hash: 0 });
    assert.ok(offered.reactions.map(emojiOf).includes(HEART));
    await t.a.call('messages.clearRecentReactions');
    const { own } = await exchange(t.a, t.b, t.bId, unique('used'));
    const peer = await t.a.op('inputPeer', { peer: t.bId });
    // Not the heart: Kurigram takes a list of one object of eight bytes for a list of numbers.
    await t.a.call('messages.sendReaction', { peer, msg_id: own, reaction: [{ _: 'reactionEmoji', emoticon: THUMB }], add_to_recent: true });
    assert.deepEqual((await t.a.call('messages.getRecentReactions', { limit: 5, hash: 0 })).reactions.map(emojiOf), [THUMB]);
    assert.equal(emojiOf((await t.a.call('messages.getTopReactions', { limit: 5, hash: 0 })).reactions[0]), THUMB);
  }],
];
