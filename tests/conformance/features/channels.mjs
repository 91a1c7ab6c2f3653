// Supergroups and broadcast channels, as every client library uses them. `t`: see index.mjs; channels are named by their marked id, −(10¹² + channel_id).
import assert from 'node:assert/strict';
import { asksToJoin, dialogOf, expecting, freeName, history, randomId, say, statusOf, tendsDialog, texts, trio, unique } from './company.mjs';
import { eventually, expectError, incoming, isEdit, notice, numbered, peerId } from './expect.mjs';

const MAY_NOT_WRITE = /CHAT_WRITE_FORBIDDEN|USER_BANNED_IN_CHANNEL|CHAT_SEND_PLAIN_FORBIDDEN|CHAT_RESTRICTED/;
const NOT_HIS = /CHAT_ADMIN_REQUIRED|RIGHT_FORBIDDEN/;
/** The last three by libraries that don't ask at all about what they hold no access hash for. */
const SHUT_OUT = /CHANNEL_PRIVATE|CHANNEL_INVALID|USER_BANNED_IN_CHANNEL|private|not found|input entity/i;
const PAGE = { offset_id: 0, add_offset: 0, limit: 20, max_id: 0, min_id: 0 };
const HISTORY_PAGE = { ...PAGE, offset_date: 0, hash: 0 };

/** A channel as this client names it in raw calls: as InputPeer, and as InputChannel. */
const inputPeer = (client, chat) => client.op('inputPeer', { peer: chat });
async function inputChannel(client, chat) {
  const { channel_id, access_hash } = await inputPeer(client, chat);
  return { _: 'inputChannel', channel_id, access_hash };
}
const raw = async (client, chat, method, params = {}) => client.call(method, { peer: await inputPeer(client, chat), ...params });
const rawChannel = async (client, chat, method, params = {}) => client.call(method, { channel: await inputChannel(client, chat), ...params });
const fullChannel = async (client, chat) => (await rawChannel(client, chat, 'channels.getFullChannel')).full_chat;
/** What is told of a channel itself: that it is there, gone, or changed. */
const ofChannel = (chat) => (u) => u._ === 'updateChannel' && peerId(u) === chat;
const isDeletion = (chat) => (u) => u._ === 'updateDeleteChannelMessages' && peerId(u) === chat;
const isPin = (chat, pinned) => (u) => u._ === 'updatePinnedChannelMessages' && peerId(u) === chat && Boolean(u.pinned) === pinned;
const actionsIn = async (client, chat) => (await client.op('history', { peer: chat, limit: 50 })).map((message) => message.raw.action?._).filter(Boolean);
/** Its private half, without who may see it: the number that links name. */
const bare = (chat) => -1_000_000_000_000 - chat;

/** A new channel of the owner's with these people in it, all of whom know of it. */
async function open(owner, others, { broadcast = false, title = unique(broadcast ? 'channel' : 'supergroup'), about } = {}) {
  const { id: chat } = await owner.client.op('createChannel', { title, about, broadcast });
  assert.ok(chat < -1_000_000_000_000, `a marked id of a channel, got ${chat}`);
  for (const other of others) {
    const { result: missing } = await expecting([other], 'the channel', ofChannel(chat), () => owner.client.op('addMember', { chat, user: other.id }));
    assert.deepEqual(missing, []);
  }
  return { chat, title };
}

/** A username for a channel, which then is public. */
async function publish(owner, chat) {
  const username = freeName('helio_c');
  await owner.client.op('setUsername', { chat, username });
  return username;
}

/** A post in a broadcast, as these subscribers get it: it is nobody's. */
async function post(from, chat, others, text, options = {}) {
  const marks = others.map(({ client }) => client.mark());
  const sent = await from.client.op('send', { peer: chat, text, ...options });
  const received = await Promise.all(others.map(async ({ client }, index) => incoming(await client.update((u) => incoming(u)?.peer === chat && incoming(u).text === text, `"${text}"`, 8000, marks[index]))));
  for (const { id, peer, from: author, raw: message } of received) assert.deepEqual([id, peer, author, Boolean(message.post)], [sent.id, chat, undefined, true]);
  return { sent, received };
}

/** Everything of a channel after a pts, by the difference of the channel. */
async function channelDifference(client, chat, from) {
  const seen = { texts: [], edited: [], deleted: [], kinds: [] };
  for (let pts = from; ;) {
    const answer = await rawChannel(client, chat, 'updates.getChannelDifference', { filter: { _: 'channelMessagesFilterEmpty' }, pts, limit: 100 });
    seen.kinds.push(answer._);
    for (const message of answer.new_messages ?? []) seen.texts.push(message.message ?? message.action._);
    for (const update of answer.other_updates ?? []) {
      if (isEdit(update)) seen.edited.push(update.message.message);
      if (update._ === 'updateDeleteChannelMessages') seen.deleted.push(...update.messages);
    }
    pts = answer.pts ?? answer.dialog?.pts;
    if (answer.final ?? true) return { ...seen, pts };
  }
}

/** What every library does in supergroups. */
export const supergroupFeatures = [
  ['supergroup: create, add', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat, title } = await open(a, [b, c], { about: 'all about it' });
    for (const person of [a, b, c]) {
      const seen = await person.client.op('chat', { chat });
      assert.deepEqual([seen._, seen.title, Boolean(seen.megagroup), Boolean(seen.broadcast), Boolean(seen.creator), Boolean(seen.left)], ['channel', title, true, false, person === a, false]);
      const full = await fullChannel(person.client, chat);
      assert.deepEqual([full.participants_count, full.about], [3, 'all about it']);
      const members = await person.client.op('members', { chat });
      assert.deepEqual(members.map(({ id }) => id).sort(), [a.id, b.id, c.id].sort());
      assert.deepEqual([a, b, c].map(({ id }) => statusOf(members, id)), ['creator', 'member', 'member']);
      assert.ok(await dialogOf(person.client, chat), 'a dialog for everybody');
    }
    const said = await actionsIn(c.client, chat);
    assert.ok(said.includes('messageActionChatAddUser'), said.join());
    assert.ok((await actionsIn(a.client, chat)).includes('messageActionChannelCreate'));
    assert.deepEqual((await b.client.op('members', { chat, filter: 'admins' })).map(({ id }) => id), [a.id]);
    assert.equal((await b.client.op('member', { chat, user: c.id })).status, 'member');
    await expectError(rawChannel(a.client, chat, 'channels.getParticipant', { participant: await inputPeer(a.client, (await t.stranger()).id) }), 'USER_NOT_PARTICIPANT');
  }],
  ['supergroup: bad requests', async (t) => {
    const { a, b } = await trio(t);
    await expectError(a.client.call('channels.createChannel', { title: '', about: '', megagroup: true }), /CHANNEL_TITLE_EMPTY|CHAT_TITLE_EMPTY/);
    await expectError(a.client.call('channels.createChannel', { title: 'x', about: 'y'.repeat(256), megagroup: true }), /CHAT_ABOUT_TOO_LONG|CHANNEL_ABOUT_TOO_LONG/);
    const { chat } = await open(a, [b]);
    const { channel_id } = await inputPeer(a.client, chat);
    for (const channel of [{ _: 'inputChannel', channel_id, access_hash: { $long: '1' } }, { _: 'inputChannel', channel_id: channel_id + 32, access_hash: { $long: '1' } }]) {
      await expectError(a.client.call('channels.getFullChannel', { channel }), /CHANNEL_INVALID|CHANNEL_PRIVATE/);
    }
    await expectError(raw(a.client, chat, 'messages.sendMessage', { message: '', random_id: randomId() }), 'MESSAGE_EMPTY');
    await expectError(a.client.op('setTitle', { chat, title: '' }), /CHAT_TITLE_EMPTY|CHANNEL_TITLE_EMPTY/);
    await say(a, chat, [b], unique('still here'));
  }],
  ['supergroup: title and description', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    const title = unique('retitled');
    const { updates } = await expecting([b], 'the new title', (u) => notice(u, 'ChatEditTitle')?.peer === chat, () => a.client.op('setTitle', { chat, title }));
    assert.deepEqual([notice(updates[0]).from, notice(updates[0]).action.title], [a.id, title]);
    for (const { client } of [a, b]) await eventually(async () => assert.equal((await client.op('chat', { chat })).title, title));
    await expectError(a.client.op('setTitle', { chat, title }), 'CHAT_NOT_MODIFIED');
    const about = unique('about');
    await a.client.op('setAbout', { chat, about });
    assert.equal((await fullChannel(b.client, chat)).about, about);
    await expectError(a.client.op('setAbout', { chat, about }), 'CHAT_ABOUT_NOT_MODIFIED');
  }],
  ['supergroup: messages, one order for all', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const sent = await Promise.all([a, b, c].flatMap((person) => Array.from({ length: 6 }, async (_, index) => {
      const text = unique(`burst ${index}`);
      await person.client.op('send', { peer: chat, text });
      return { person, text };
    })));
    const own = await history(a.client, chat, 18);
    assert.deepEqual([...own].sort(), sent.map(({ text }) => text).sort());
    for (const { client } of [b, c]) assert.deepEqual(await history(client, chat, 18), own);
    for (const { person, text } of sent) if (person !== b) await b.client.update((u) => incoming(u)?.text === text, text);
    const shown = await c.client.op('history', { peer: chat, limit: 18 });
    for (const { id } of [a, b, c]) assert.equal(shown.filter((message) => message.from === id).length, 6);
    assert.deepEqual(shown.map(({ id }) => id), (await b.client.op('history', { peer: chat, limit: 18 })).map(({ id }) => id), 'the same ids for all');
  }],
  ['supergroup: reply, mention', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const question = await say(a, chat, [b, c], unique('question'));
    assert.deepEqual(question.received.map(({ id }) => id), [question.sent.id, question.sent.id]);
    const answer = await say(b, chat, [a, c], unique('answer'), { replyTo: question.sent.id });
    assert.deepEqual(answer.received.map(({ replyTo }) => replyTo), [question.sent.id, question.sent.id]);
    assert.deepEqual(answer.received.map(({ mentioned }) => mentioned), [true, false], 'an answer mentions whom it answers');
    const peer = await inputPeer(a.client, c.id);
    const text = unique('Carol, look');
    const mark = c.client.mark();
    await raw(a.client, chat, 'messages.sendMessage', {
      message: text, random_id: randomId(), entities: [{ _: 'inputMessageEntityMentionName', offset: 0, length: 5, user_id: { _: 'inputUser', user_id: c.id, access_hash: peer.access_hash } }],
    });
    const named = incoming(await c.client.update((u) => incoming(u)?.text === text, 'the mention', 8000, mark));
    assert.equal(named.mentioned, true);
    const unread = async ({ client }) => (await raw(client, chat, 'messages.getUnreadMentions', PAGE)).messages.map(({ id }) => id);
    await eventually(async () => assert.deepEqual(await unread(c), [named.id]));
    await eventually(async () => assert.deepEqual(await unread(a), [answer.sent.id]));
    assert.deepEqual(await unread(b), []);
    const dialogs = await c.client.call('messages.getPeerDialogs', { peers: [{ _: 'inputDialogPeer', peer: await inputPeer(c.client, chat) }] });
    assert.equal(dialogs.dialogs[0].unread_mentions_count, 1);
    await raw(c.client, chat, 'messages.readMentions');
    assert.deepEqual(await unread(c), []);
  }],
  ['supergroup: a thread of answers', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const { sent } = await say(a, chat, [b, c], unique('question'));
    const answers = [];
    for (const person of [b, c]) answers.unshift((await say(person, chat, [a], unique('answer'), { replyTo: sent.id })).sent);
    const thread = await raw(a.client, chat, 'messages.getReplies', { msg_id: sent.id, ...HISTORY_PAGE });
    assert.deepEqual(thread.messages.map(({ id }) => id), answers.map(({ id }) => id));
    assert.equal((await raw(a.client, chat, 'messages.getDiscussionMessage', { msg_id: sent.id })).messages[0].id, sent.id);
    const { replies } = (await a.client.op('history', { peer: chat, limit: 5 })).find(({ id }) => id === sent.id).raw;
    assert.deepEqual([replies.replies, replies.max_id], [2, answers[0].id]);
    await b.client.op('remove', { peer: chat, ids: [answers[1].id], revoke: true });
    await eventually(async () => assert.equal((await raw(a.client, chat, 'messages.getReplies', { msg_id: sent.id, ...HISTORY_PAGE })).messages.length, 1));
  }],
  ['supergroup: edit', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const { sent } = await say(b, chat, [a, c], unique('draft'));
    const text = unique('final');
    const { result, updates } = await expecting([a, c], 'the edit', (u) => isEdit(u) && u.message.message === text, () => b.client.op('edit', { peer: chat, id: sent.id, text }));
    assert.ok(result.edited > 0);
    assert.deepEqual(updates.map((u) => [u._, u.message.id, peerId(u.message.peer_id)]), updates.map(() => ['updateEditChannelMessage', sent.id, chat]));
    await expectError(b.client.op('edit', { peer: chat, id: sent.id, text }), 'MESSAGE_NOT_MODIFIED');
    await expectError(a.client.op('edit', { peer: chat, id: sent.id, text: 'mine' }), /MESSAGE_AUTHOR_REQUIRED|CHAT_ADMIN_REQUIRED/);
    assert.equal((await history(c.client, chat, 1))[0], text);
  }],
  ['supergroup: delete, the own and as admin', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const gone = await say(b, chat, [a, c], unique('it goes'));
    const { updates } = await expecting([a, c], 'the deletion', isDeletion(chat), () => b.client.op('remove', { peer: chat, ids: [gone.sent.id], revoke: true }));
    assert.deepEqual(updates.map((u) => u.messages), [[gone.sent.id], [gone.sent.id]]);
    const owned = await say(a, chat, [b, c], unique('the creator\'s'));
    await b.client.op('remove', { peer: chat, ids: [owned.sent.id], revoke: true }).catch((error) => assert.match(error.message, /MESSAGE_DELETE_FORBIDDEN|CHAT_ADMIN_REQUIRED/));
    for (const { client } of [a, b, c]) assert.ok((await history(client, chat)).includes(owned.sent.text));
    const moderated = await say(c, chat, [a, b], unique('moderated'));
    await expecting([b, c], 'the admin\'s deletion', isDeletion(chat), () => a.client.op('remove', { peer: chat, ids: [moderated.sent.id], revoke: true }));
    for (const { client } of [a, b, c]) assert.ok(!(await history(client, chat)).includes(moderated.sent.text));
  }],
  ['supergroup: forward in and out', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const { sent } = await say(a, chat, [b], unique('pass it on'));
    const [out] = await b.client.op('forward', { from: chat, ids: [sent.id], to: 'me' });
    assert.equal(out.text, sent.text);
    assert.equal(peerId(out.raw.fwd_from.from_id), a.id);
    const noted = await b.client.op('send', { peer: 'me', text: unique('from my notes') });
    const { result } = await expecting([a, c], 'the forwarded note', (u) => incoming(u)?.text === noted.text && incoming(u).peer === chat, () => b.client.op('forward', { from: 'me', ids: [noted.id], to: chat }));
    assert.equal(peerId(result[0].raw.fwd_from.from_id), b.id);
    const { chat: other } = await open(a, [b]);
    await expecting([a], 'the forward between supergroups', (u) => incoming(u)?.text === sent.text && incoming(u).peer === other, () => b.client.op('forward', { from: chat, ids: [sent.id], to: other }));
  }],
  ['supergroup: pins', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const { sent } = await say(a, chat, [b, c], unique('pin me'));
    const { updates } = await expecting([a, c], 'the pin', isPin(chat, true), () => b.client.op('pin', { peer: chat, id: sent.id }));
    assert.deepEqual(updates.map((u) => u.messages), [[sent.id], [sent.id]]);
    const said = await c.client.update((u) => notice(u, 'PinMessage')?.peer === chat, 'the notice of the pin');
    assert.deepEqual([notice(said).from, notice(said).replyTo], [b.id, sent.id]);
    const pinned = async ({ client }) => (await raw(client, chat, 'messages.search', { ...PAGE, q: '', filter: { _: 'inputMessagesFilterPinned' }, min_date: 0, max_date: 0, hash: 0 })).messages.map((m) => m.id);
    assert.deepEqual(await pinned(c), [sent.id]);
    assert.equal((await fullChannel(c.client, chat)).pinned_msg_id, sent.id);
    await expecting([b, c], 'the unpinning', isPin(chat, false), () => a.client.op('pin', { peer: chat, id: sent.id, unpin: true }));
    assert.deepEqual(await pinned(c), []);
    await a.client.op('pin', { peer: chat, id: sent.id });
    await expecting([c], 'all unpinned', isPin(chat, false), () => a.client.op('unpinAll', { peer: chat, chat }));
    assert.deepEqual(await pinned(b), []);
  }],
  ['supergroup: read marks both ways, who read', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    await b.client.op('read', { peer: chat, maxId: (await dialogOf(b.client, chat)).top });
    let top;
    for (let index = 0; index < 3; index += 1) ({ sent: top } = await say(a, chat, [b, c], unique(`unread ${index}`)));
    const dialog = await dialogOf(b.client, chat);
    assert.deepEqual([dialog.unread, dialog.top], [3, top.id]);
    const isRead = (u) => u._ === 'updateReadChannelOutbox' && peerId(u) === chat && u.max_id === top.id;
    await expecting([a], 'the read mark', isRead, () => b.client.op('read', { peer: chat, maxId: top.id }));
    assert.equal((await dialogOf(a.client, chat)).readOut, top.id);
    assert.deepEqual([(await dialogOf(b.client, chat)).unread, (await dialogOf(b.client, chat)).readIn], [0, top.id]);
    assert.ok((await dialogOf(c.client, chat)).unread >= 3, 'who has not read keeps it unread');
    await eventually(async () => {
      const readers = await raw(a.client, chat, 'messages.getMessageReadParticipants', { msg_id: top.id });
      assert.deepEqual(readers.map(({ user_id }) => user_id), [b.id]);
    });
  }],
  ['supergroup: history by pages, by link', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    for (let index = 1; index <= 12; index += 1) await [a, b][index % 2].client.op('send', { peer: chat, text: `page ${index}` });
    for (const { client } of [a, b]) {
      const first = await client.op('history', { peer: chat, limit: 5 });
      assert.deepEqual(numbered(first), [12, 11, 10, 9, 8]);
      const second = await client.op('history', { peer: chat, limit: 5, offsetId: first.at(-1).id });
      assert.deepEqual(numbered(second), [7, 6, 5, 4, 3]);
      const { link } = await rawChannel(client, chat, 'channels.exportMessageLink', { id: first[0].id });
      assert.ok(link.endsWith(`t.me/c/${bare(chat)}/${first[0].id}`), link);
      const picked = await rawChannel(client, chat, 'channels.getMessages', { id: [{ _: 'inputMessageID', id: first[2].id }] });
      assert.equal(picked.messages[0].message, 'page 10');
    }
  }],
  ['supergroup: search in it, by sender', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const word = unique('sgx').replace(' ', '');
    await say(a, chat, [b, c], `first ${word} here`);
    await say(b, chat, [a, c], `second ${word.toUpperCase()}!`);
    for (const { client } of [a, b, c]) assert.equal((await client.op('search', { peer: chat, query: word })).length, 2);
    assert.deepEqual(texts(await c.client.op('search', { peer: chat, query: word, fromUser: b.id })), [`second ${word.toUpperCase()}!`]);
    assert.equal((await c.client.op('search', { peer: chat, query: `${word}none` })).length, 0);
  }],
  ['supergroup: search by hashtag and by date, and everywhere', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const word = unique('aardvark').replace(/\W/g, '');
    await say(b, chat, [a, c], `#${word} of Bob`);
    await say(c, chat, [a, b], `${word} of Carol`);
    const found = async (client, more) => {
      const { messages } = await raw(client, chat, 'messages.search', { ...PAGE, q: word, filter: { _: 'inputMessagesFilterEmpty' }, min_date: 0, max_date: 0, hash: 0, ...more });
      return messages;
    };
    const [second, first] = await found(a.client);
    assert.deepEqual([first.message, second.message], [`#${word} of Bob`, `${word} of Carol`]);
    assert.deepEqual(texts(await a.client.op('search', { peer: chat, query: `#${word}` })), [first.message]);
    assert.deepEqual((await found(a.client, { from_id: await inputPeer(a.client, c.id) })).map(({ id }) => id), [second.id]);
    // The bounds are outside.
    const between = async (min_date, max_date) => (await found(b.client, { min_date, max_date })).map(({ id }) => id);
    assert.deepEqual(await between(first.date - 1, second.date + 1), [second.id, first.id]);
    assert.deepEqual([await between(second.date, 0), await between(0, first.date)], [[], []]);
    const { chat: news } = await open(a, [b], { broadcast: true });
    await post(a, news, [b], `${word} in the news`);
    const everywhere = async ({ client }) => (await client.op('searchGlobal', { query: word })).map(({ text }) => text).sort();
    await eventually(async () => assert.deepEqual(await everywhere(b), [`#${word} of Bob`, `${word} in the news`, `${word} of Carol`]));
    assert.deepEqual(await everywhere(c), [`#${word} of Bob`, `${word} of Carol`], 'what she is not in is not hers');
    await a.client.op('ban', { chat, user: c.id });
    await eventually(async () => assert.deepEqual(await everywhere(c), []));
  }],
  ['supergroup: dialog, its pin, mark and draft', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    const { sent } = await say(a, chat, [b], unique('for the list'));
    assert.equal((await dialogOf(b.client, chat)).top, sent.id);
    await tendsDialog(a, b, chat, await inputPeer(b.client, chat));
  }],
  ['supergroup: typing', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    await expecting([b, c], 'typing', (u) => u._ === 'updateChannelUserTyping' && peerId(u) === chat && peerId(u.from_id) === a.id, () => a.client.op('typing', { peer: chat }));
  }],
  ['supergroup: leave, and who is gone', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    await expecting([c], 'that he left', ofChannel(chat), () => c.client.op('leave', { chat }));
    await expectError(c.client.op('send', { peer: chat, text: 'gone' }), SHUT_OUT);
    await expectError(raw(c.client, chat, 'messages.getHistory', HISTORY_PAGE), SHUT_OUT);
    assert.equal(await dialogOf(c.client, chat), undefined, 'the dialog is gone');
    assert.deepEqual((await a.client.op('members', { chat })).map(({ id }) => id).sort(), [a.id, b.id].sort());
    const mark = c.client.mark();
    const { sent } = await say(b, chat, [a], unique('two are left'));
    const own = unique('to Carol alone');
    await a.client.op('send', { peer: c.id, text: own });
    await c.client.update((u) => incoming(u)?.text === own, own, 8000, mark);
    assert.ok(!c.client.updates.slice(mark).some((u) => incoming(u)?.text === sent.text), 'nothing of it is pushed to her');
    await expectError(c.client.op('leave', { chat }), /USER_NOT_PARTICIPANT|CHANNEL_PRIVATE|CHANNEL_INVALID/);
  }],
  ['broadcast: public posts are found by hashtag, page by page, by who is not in it', async (t) => {
    const { a, b } = await trio(t);
    const dave = await t.signUp('Dave');
    const tag = unique('tag').replace(/\W/g, '');
    const chats = [];
    for (const each of ['one', 'two']) {
      const { chat } = await open(a, [b], { broadcast: true, title: unique(each) });
      await publish(a, chat);
      chats.push(chat);
    }
    const { chat: hidden } = await open(a, [b], { broadcast: true });
    await post(a, hidden, [b], `hidden #${tag}`);
    const said = [];
    for (const [index, chat] of [chats[0], chats[1], chats[0]].entries()) said.push((await post(a, chat, [b], `post ${index} #${tag}`)).received[0]);
    // Of one second by channel, then by id.
    const newestFirst = [...said].sort((x, y) => y.raw.date - x.raw.date || y.peer - x.peer || y.id - x.id).map(({ text }) => text);
    const empty = { _: 'inputPeerEmpty' };
    const page = async (client, more = {}) => client.call('channels.searchPosts', { hashtag: tag, offset_rate: 0, offset_peer: empty, offset_id: 0, limit: 20, ...more });
    const found = async () => (await page(dave.client)).messages.map(({ message }) => message);
    await eventually(async () => assert.deepEqual(await found(), newestFirst), 20_000);
    const all = [];
    for (let offset = {}; offset;) {
      const { messages, chats: shown, next_rate: rate } = await page(dave.client, { limit: 1, ...offset });
      all.push(...messages.map(({ message }) => message));
      const channel = shown?.find(({ id }) => id === messages[0].peer_id.channel_id);
      assert.ok(channel?.access_hash, 'the channel is shown with what names it');
      offset = rate ? { offset_rate: rate, offset_id: messages[0].id, offset_peer: { _: 'inputPeerChannel', channel_id: channel.id, access_hash: channel.access_hash } } : undefined;
    }
    assert.deepEqual(all, newestFirst);
    await rawChannel(a.client, chats[0], 'channels.deleteMessages', { id: [said[2].id] });
    await a.client.op('setUsername', { chat: chats[1], username: '' });
    await eventually(async () => assert.deepEqual(await found(), [said[0].text]));
    await expectError(page(dave.client, { hashtag: 'two words' }), 'HASHTAG_INVALID');
    // Older layers don't know searches by text.
    if (t.traits.layer < 214) return;
    const { remains, total_daily: total } = await dave.client.call('channels.checkSearchPostsFlood', { query: tag });
    assert.ok(remains === total && total > 0);
    const answer = await dave.client.call('channels.searchPosts', { query: tag, offset_rate: 0, offset_peer: empty, offset_id: 0, limit: 20 });
    assert.deepEqual(answer.messages.map(({ message }) => message), [said[0].text]);
    assert.deepEqual([answer.search_flood.remains, Boolean(answer.search_flood.query_is_free)], [total - 1, true]);
  }],
  ['supergroup: public: resolve, preview, join', async (t) => {
    const { a, b } = await trio(t);
    const dave = await t.signUp('Dave');
    const { chat, title } = await open(a, [b]);
    const before = await say(a, chat, [b], unique('for everybody'));
    const { channel_id, access_hash } = await inputPeer(a.client, chat);
    await expectError(dave.client.call('channels.getFullChannel', { channel: { _: 'inputChannel', channel_id, access_hash } }), /CHANNEL_INVALID|CHANNEL_PRIVATE/);
    const username = await publish(a, chat);
    assert.equal(await rawChannel(a.client, chat, 'channels.checkUsername', { username: freeName('helio_d') }), true);
    await expectError(b.client.call('account.updateUsername', { username }), 'USERNAME_OCCUPIED');
    assert.equal((await dave.client.op('resolve', { username })).id, chat);
    const found = await dave.client.call('contacts.search', { q: username, limit: 5 });
    assert.ok(found.results.some((peer) => peerId(peer) === chat), 'found by its name');
    assert.deepEqual([(await dave.client.op('chat', { chat })).title, Boolean((await dave.client.op('chat', { chat })).left)], [title, true]);
    assert.ok((await history(dave.client, chat)).includes(before.sent.text), 'anybody reads what is public');
    await expectError(dave.client.op('send', { peer: chat, text: 'from outside' }), /CHAT_WRITE_FORBIDDEN|CHAT_GUEST_SEND_FORBIDDEN|USER_NOT_PARTICIPANT|CHANNEL_PRIVATE/);
    assert.equal((await dave.client.op('joinPublic', { username })).id, chat);
    await say(dave, chat, [a, b], unique('joined'));
    assert.ok((await actionsIn(b.client, chat)).some((action) => /ChatAddUser|ChatJoinedByRequest|ChatJoinedByLink/.test(action)));
    await expectError(b.client.op('setUsername', { chat, username: freeName('helio_d') }), NOT_HIS);
    await a.client.op('setUsername', { chat, username: '' });
    await eventually(() => expectError((t.library === 'mtcute' ? t.a : dave.client).call('contacts.resolveUsername', { username }), 'USERNAME_NOT_OCCUPIED'));
  }],
  ['supergroup: left by its creator', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat, title } = await open(a, [b, c]);
    await expectError(rawChannel(a.client, chat, 'channels.leaveChannel'), 'USER_CREATOR');
    await a.client.op('promote', { chat, user: b.id, rights: { pin_messages: true } });
    // Older layers only leave.
    if (t.traits.layer >= 223) {
      const heir = async (client) => raw(client, chat, 'messages.getFutureChatCreatorAfterLeave');
      const { id, first_name: name, access_hash: hash } = await heir(a.client);
      assert.deepEqual([id, Boolean(name), Boolean(hash)], [b.id, true, true]);
      await expectError(heir(b.client), 'CHAT_ADMIN_REQUIRED');
    }
    const channel = await inputChannel(a.client, chat);
    const told = a.client.mark();
    const { updates } = await expecting([b, c], 'who is next', (u) => notice(u, t.traits.layer >= 223 ? 'NewCreatorPending' : 'ChatDeleteUser')?.peer === chat, () => a.client.call('channels.leaveChannel', { channel }));
    for (const update of updates) assert.deepEqual([notice(update).from, notice(update).action.new_creator_id ?? b.id], [a.id, b.id]);
    const service = incoming(await a.client.update((u) => incoming(u)?.peer === 777000 && incoming(u).text.includes(title), 'the service chat', 8000, told));
    assert.match(service.text, /within 7 days/);
    await eventually(async () => assert.equal(statusOf(await b.client.op('members', { chat }), a.id), undefined));
    await expectError(b.client.op('ban', { chat, user: a.id }), /CHAT_ADMIN_REQUIRED|USER_ADMIN_INVALID/);
    await a.client.call('channels.joinChannel', { channel });
    await eventually(async () => assert.equal(statusOf(await b.client.op('members', { chat }), a.id), 'creator'));
    await a.client.op('setTitle', { chat, title: unique('his again') });
  }],
  ['supergroup: what people are called', async (t) => {
    // Older layers know it of admins alone.
    if (t.traits.layer < 223) return;
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const call = async (by, who, rank) => raw(by.client, chat, 'messages.editChatParticipantRank', { participant: who === by ? { _: 'inputPeerSelf' } : await by.client.op('inputPeer', { peer: who.id }), rank });
    await call(b, b, 'cook');
    const { received } = await say(b, chat, [a, c], unique('dinner'));
    assert.deepEqual(received.map(({ raw: message }) => message.from_rank), ['cook', 'cook']);
    await call(a, b, 'chef');
    assert.equal((await a.client.op('history', { peer: chat, limit: 1 }))[0].raw.from_rank, 'chef');
    const { participant } = await rawChannel(c.client, chat, 'channels.getParticipant', { participant: await c.client.op('inputPeer', { peer: b.id }) });
    assert.equal(participant.rank, 'chef');
    await expectError(call(b, c, 'friend'), 'CHAT_ADMIN_REQUIRED');
    await expectError(call(a, b, 'x'.repeat(17)), 'ADMIN_RANK_INVALID');
    const { events } = await rawChannel(a.client, chat, 'channels.getAdminLog', { q: '', max_id: 0, min_id: 0, limit: 5, events_filter: { _: 'channelAdminLogEventsFilter', edit_rank: true } });
    assert.deepEqual(events.map(({ action }) => [action.prev_rank, action.new_rank]), [['cook', 'chef'], ['', 'cook']]);
    // Not every library's own permissions know of names.
    await raw(a.client, chat, 'messages.editChatDefaultBannedRights', { banned_rights: { _: 'chatBannedRights', edit_rank: true, until_date: 0 } });
    await expectError(call(b, b, 'baker'), 'CHAT_ADMIN_REQUIRED');
    await call(a, b, '');
    assert.ok(!(await c.client.op('history', { peer: chat, limit: 1 }))[0].raw.from_rank);
  }],
  ['supergroup: default permissions', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b]);
    await a.client.op('setPermissions', { chat, banned: { change_info: true, invite_users: true, pin_messages: true, send_messages: true } });
    await eventually(async () => {
      const seen = (await b.client.op('chat', { chat })).default_banned_rights;
      for (const right of ['change_info', 'invite_users', 'pin_messages', 'send_messages']) assert.equal(seen[right], true, right);
    });
    const { sent } = await say(a, chat, [b], unique('by the creator'));
    const attempts = [
      [MAY_NOT_WRITE, () => b.client.op('send', { peer: chat, text: unique('by Bob') })],
      [NOT_HIS, () => b.client.op('setTitle', { chat, title: unique('by Bob') })],
      [NOT_HIS, () => b.client.op('pin', { peer: chat, id: sent.id })],
      [/CHAT_ADMIN_REQUIRED|CHAT_WRITE_FORBIDDEN|CHAT_INVITE_FORBIDDEN|RIGHT_FORBIDDEN/, () => b.client.op('addMember', { chat, user: c.id })],
    ];
    for (const [error, attempt] of attempts) await expectError(attempt(), error);
    await expectError(b.client.op('setPermissions', { chat, banned: {} }), NOT_HIS);
    await a.client.op('promote', { chat, user: b.id, rights: { change_info: true, invite_users: true, pin_messages: true } });
    for (const [, attempt] of attempts) await attempt();
    await a.client.op('promote', { chat, user: b.id, rights: {} });
    await expectError(b.client.op('send', { peer: chat, text: 'no more' }), MAY_NOT_WRITE);
    await a.client.op('setPermissions', { chat, banned: {} });
    await say(b, chat, [a, c], unique('free again'));
  }],
  ['supergroup: admins grant what they have, to those they named', async (t) => {
    const { a, b, c } = await trio(t);
    const dave = await t.signUp('Dave');
    await t.introduce(a, dave.client, dave.id);
    const { chat } = await open(a, [b, c, dave]);
    const { updates } = await expecting([b], 'the promotion', ofChannel(chat), () => a.client.op('promote', { chat, user: b.id, rights: { add_admins: true, pin_messages: true }, rank: 'keeper' }));
    assert.ok(updates[0]);
    assert.deepEqual([await a.client.op('member', { chat, user: b.id }), (await c.client.op('members', { chat, filter: 'admins' })).map(({ id }) => id).sort()].flat(), [{ status: 'admin', rank: 'keeper' }, ...[a.id, b.id].sort()]);
    await eventually(async () => assert.equal((await b.client.op('chat', { chat })).admin_rights.pin_messages, true));
    await expectError(b.client.op('promote', { chat, user: c.id, rights: { ban_users: true } }), /RIGHT_FORBIDDEN|CHAT_ADMIN_REQUIRED/);
    await b.client.op('promote', { chat, user: c.id, rights: { pin_messages: true } });
    assert.equal((await a.client.op('member', { chat, user: c.id })).status, 'admin');
    await a.client.op('promote', { chat, user: dave.id, rights: { pin_messages: true } });
    await t.introduce(b, dave.client, dave.id);
    await expectError(b.client.op('promote', { chat, user: dave.id, rights: {} }), /CHAT_ADMIN_REQUIRED|USER_ADMIN_INVALID|RIGHT_FORBIDDEN/);
    await expectError(b.client.op('ban', { chat, user: c.id }), NOT_HIS);
    await expectError(b.client.op('promote', { chat, user: a.id, rights: {} }), /USER_CREATOR|USER_ADMIN_INVALID|CHAT_ADMIN_REQUIRED|RIGHT_FORBIDDEN/);
    await b.client.op('promote', { chat, user: c.id, rights: {} });
    assert.equal((await a.client.op('member', { chat, user: c.id })).status, 'member');
    await a.client.op('promote', { chat, user: b.id, rights: {} });
    await expectError(b.client.op('promote', { chat, user: c.id, rights: { pin_messages: true } }), NOT_HIS);
  }],
  ['supergroup: an anonymous admin', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    await a.client.op('promote', { chat, user: b.id, rights: { anonymous: true, change_info: true } });
    const text = unique('by the group');
    const { updates } = await expecting([a], 'what nobody in particular said', (u) => incoming(u)?.text === text, () => raw(b.client, chat, 'messages.sendMessage', { message: text, random_id: randomId() }));
    assert.equal(incoming(updates[0]).from, chat);
    assert.ok(!JSON.stringify(updates[0]).includes(String(b.id)), 'nothing tells who it was');
  }],
  ['supergroup: in the name of the group, or of one\'s channel', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    await a.client.op('promote', { chat, user: b.id, rights: { anonymous: true } });
    const save = async (sendAs) => raw(b.client, chat, 'messages.saveDefaultSendAs', { send_as: sendAs });
    const speakers = async () => (await raw(b.client, chat, 'channels.getSendAs')).peers.map(({ peer }) => peerId(peer));
    const says = async (from) => {
      const text = unique('in whose name');
      const { updates } = await expecting([a], text, (u) => incoming(u)?.text === text, () => b.client.op('send', { peer: chat, text }));
      const message = incoming(updates[0]);
      assert.deepEqual([message.from, message.out], [from, false]);
      return { text, id: message.id };
    };
    assert.deepEqual(await speakers(), [chat, b.id]);
    await says(chat);
    await save({ _: 'inputPeerSelf' });
    assert.equal(peerId((await fullChannel(b.client, chat)).default_send_as), b.id);
    await says(b.id);
    await a.client.op('promote', { chat, user: b.id, rights: {} });
    await expectError(save(await inputPeer(b.client, chat)), 'SEND_AS_PEER_INVALID');
    const { chat: news } = await open(b, [], { broadcast: true });
    await publish(b, news);
    await expectError(save(await inputPeer(b.client, news)), 'SEND_AS_PEER_INVALID');
    await publish(a, chat);
    assert.deepEqual(await speakers(), [b.id, news]);
    await save(await inputPeer(b.client, news));
    assert.equal(peerId((await fullChannel(b.client, chat)).default_send_as), news);
    const said = await says(news);
    const own = (await b.client.op('history', { peer: chat, limit: 5 })).find(({ text }) => text === said.text);
    assert.equal(own.out, true);
    const marks = a.client.mark();
    await b.client.op('edit', { peer: chat, id: said.id, text: `${said.text}!` });
    await a.client.update((u) => isEdit(u) && u.message.message === `${said.text}!` && peerId(u.message.from_id) === news, 'the edit', 8000, marks);
    const { events } = await rawChannel(a.client, chat, 'channels.getAdminLog', { q: '', max_id: 0, min_id: 0, limit: 5 });
    assert.ok(events.some((event) => event.action._ === 'channelAdminLogEventActionEditMessage' && event.user_id === b.id), 'the log tells who it was');
    await rawChannel(b.client, chat, 'channels.deleteMessages', { id: [said.id] });
    await save({ _: 'inputPeerSelf' });
    await says(b.id);
    for (const each of [chat, news]) await (each === chat ? a : b).client.op('setUsername', { chat: each, username: '' });
  }],
  ['supergroup: its name is one, and always on', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    const username = await publish(a, chat);
    const toggle = (person, name, active) => rawChannel(person.client, chat, 'channels.toggleUsername', { username: name, active });
    await expectError(toggle(a, username, true), 'USERNAME_NOT_MODIFIED');
    await expectError(toggle(a, freeName('helio_d'), true), 'USERNAME_INVALID');
    await expectError(toggle(b, username, true), 'CHAT_ADMIN_REQUIRED');
    await expectError(rawChannel(a.client, chat, 'channels.reorderUsernames', { order: [username] }), 'USERNAME_NOT_MODIFIED');
    await expectError(rawChannel(a.client, chat, 'channels.deactivateAllUsernames'), 'CHAT_NOT_MODIFIED');
    await a.client.op('setUsername', { chat, username: '' });
  }],
  ['supergroup: ban, unban, who comes back', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const { link } = await a.client.op('createLink', { chat });
    const before = await say(a, chat, [b, c], unique('before the ban'));
    await expecting([c], 'the ban', ofChannel(chat), () => a.client.op('ban', { chat, user: c.id }));
    const mark = c.client.mark();
    const after = await say(a, chat, [b], unique('after the ban'));
    await expectError(c.client.op('send', { peer: chat, text: 'may I?' }), SHUT_OUT);
    await expectError(raw(c.client, chat, 'messages.getHistory', HISTORY_PAGE), SHUT_OUT);
    await expectError(c.client.op('join', { link }), /INVITE_HASH_EXPIRED|USER_KICKED|CHANNEL_PRIVATE|USER_BANNED_IN_CHANNEL/);
    const own = unique('to Carol alone');
    await a.client.op('send', { peer: c.id, text: own });
    await c.client.update((u) => incoming(u)?.text === own, own, 8000, mark);
    assert.ok(!c.client.updates.slice(mark).some((u) => incoming(u)?.text === after.sent.text), 'nothing of it is pushed to her');
    assert.deepEqual((await a.client.op('members', { chat, filter: 'kicked' })).map(({ id, status }) => [id, status]), [[c.id, 'banned']]);
    assert.equal((await a.client.op('member', { chat, user: c.id })).status, 'banned');
    assert.deepEqual((await b.client.op('members', { chat })).map(({ id }) => id).sort(), [a.id, b.id].sort());
    await expectError(b.client.op('unban', { chat, user: c.id }), NOT_HIS);
    await a.client.op('unban', { chat, user: c.id });
    assert.deepEqual(await a.client.op('members', { chat, filter: 'kicked' }), []);
    await expectError(raw(c.client, chat, 'messages.getHistory', HISTORY_PAGE), SHUT_OUT);
    assert.equal((await c.client.op('join', { link })).id, chat);
    await say(c, chat, [a, b], unique('back again'));
    const shown = await history(c.client, chat);
    assert.ok(shown.includes(before.sent.text) && shown.includes(after.sent.text), 'the history is the group\'s');
  }],
  ['supergroup: restrict a member, for a while', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    await a.client.op('restrict', { chat, user: c.id, banned: { send_messages: true } });
    await expectError(c.client.op('send', { peer: chat, text: 'may I?' }), MAY_NOT_WRITE);
    await say(a, chat, [b, c], unique('she still reads'));
    assert.deepEqual((await a.client.op('members', { chat, filter: 'banned' })).map(({ id, status }) => [id, status]), [[c.id, 'restricted']]);
    await eventually(async () => assert.equal((await c.client.op('chat', { chat })).banned_rights?.send_messages, true));
    await a.client.op('unban', { chat, user: c.id });
    await say(c, chat, [a, b], unique('free'));
    // Less than half a minute is for ever, says the API's documentation.
    const until = Math.floor(Date.now() / 1000) + 40;
    await a.client.op('restrict', { chat, user: c.id, banned: { send_messages: true }, until });
    await expectError(c.client.op('send', { peer: chat, text: 'may I?' }), MAY_NOT_WRITE);
    await eventually(async () => {
      const rights = (await c.client.op('chat', { chat })).banned_rights;
      assert.equal(typeof rights.until_date === 'number' ? rights.until_date : Math.floor(new Date(rights.until_date).getTime() / 1000), until);
    });
    await expectError(c.client.op('restrict', { chat, user: b.id, banned: { send_messages: true } }), NOT_HIS);
    await expectError(c.client.op('restrict', { chat, user: a.id, banned: { send_messages: true } }), /CHAT_ADMIN_REQUIRED|USER_ADMIN_INVALID|USER_CREATOR/);
  }],
  ['supergroup: slow mode', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    await a.client.op('setSlowMode', { chat, seconds: 30 });
    assert.equal((await fullChannel(b.client, chat)).slowmode_seconds, 30);
    await say(b, chat, [a], unique('once'));
    // mtcute, left alone, waits and tries again; GramJS has a name of its own for it.
    await expectError(raw(b.client, chat, 'messages.sendMessage', { message: unique('twice'), random_id: randomId() }), /SLOW_?MODE_WAIT|FLOOD_\d/);
    for (let index = 0; index < 2; index += 1) await say(a, chat, [b], unique('admins may'));
    await expectError(rawChannel(a.client, chat, 'channels.toggleSlowMode', { seconds: 7 }), 'SECONDS_INVALID');
    await expectError(b.client.op('setSlowMode', { chat, seconds: 0 }), NOT_HIS);
    await a.client.op('setSlowMode', { chat, seconds: 0 });
    await say(b, chat, [a], unique('at will'));
  }],
  ['supergroup: invite link, its limit, who came by it', async (t) => {
    const { a, b, c } = await trio(t);
    const dave = await t.signUp('Dave');
    const { chat, title } = await open(a, [b]);
    const made = await a.client.op('createLink', { chat, limit: 1 });
    assert.match(made.link, /^https:\/\/t\.me\/\+[\w-]{10,}$/);
    const preview = await c.client.op('previewLink', { link: made.link });
    assert.deepEqual([preview.title, preview.participants_count], [title, 2]);
    const { result } = await expecting([a, b], 'who joined', (u) => notice(u, 'ChatJoinedByLink')?.peer === chat, () => c.client.op('join', { link: made.link }));
    assert.equal(result.id, chat);
    await say(c, chat, [a, b], unique('thanks'));
    await expectError(c.client.op('join', { link: made.link }), /USER_ALREADY_PARTICIPANT|INVITE_HASH_EXPIRED/);
    await expectError(dave.client.op('join', { link: made.link }), 'INVITE_HASH_EXPIRED');
    assert.deepEqual(await a.client.op('linkMembers', { chat, link: made.link }), [c.id]);
    const edited = await a.client.op('editLink', { chat, link: made.link, limit: 2 });
    assert.deepEqual([edited.link, edited.usage_limit, edited.usage], [made.link, 2, 1]);
    const revoked = await a.client.op('revokeLink', { chat, link: made.link });
    assert.equal(revoked.revoked, true);
    await expectError(dave.client.op('join', { link: made.link }), 'INVITE_HASH_EXPIRED');
    await expectError(b.client.op('createLink', { chat }), NOT_HIS);
    const first = await a.client.op('primaryLink', { chat });
    assert.equal((await fullChannel(a.client, chat)).exported_invite.link, first.link);
    assert.equal((await fullChannel(b.client, chat)).exported_invite, undefined, 'a member sees no link');
    await dave.client.op('join', { link: first.link });
    await say(dave, chat, [a, b, c], unique('me too'));
  }],
  ['supergroup: asking to be let in', async (t) => {
    const { a, b, c } = await trio(t);
    const dave = await t.signUp('Dave');
    const { chat } = await open(a, [b]);
    const { link } = await a.client.op('requestLink', { chat });
    await asksToJoin(c, link);
    await asksToJoin(dave, link);
    await expectError(c.client.op('send', { peer: chat, text: 'not yet' }), /./);
    assert.deepEqual((await a.client.op('joinRequests', { chat })).sort(), [c.id, dave.id].sort());
    assert.equal((await fullChannel(a.client, chat)).requests_pending, 2);
    await t.introduce(a, dave.client, dave.id);
    await expecting([c], 'that she is in', ofChannel(chat), () => a.client.op('answerRequest', { chat, user: c.id, approve: true }));
    await a.client.op('answerRequest', { chat, user: dave.id, approve: false });
    await say(c, chat, [a, b], unique('thanks'));
    assert.ok((await actionsIn(b.client, chat)).includes('messageActionChatJoinedByRequest'));
    assert.deepEqual(await a.client.op('joinRequests', { chat }), []);
    assert.equal(statusOf(await a.client.op('members', { chat }), dave.id), undefined);
    await expectError(b.client.op('joinRequests', { chat }), NOT_HIS);
  }],
  ['supergroup: hidden prehistory', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b]);
    const old = await say(a, chat, [b], unique('before Carol'));
    await rawChannel(a.client, chat, 'channels.togglePreHistoryHidden', { enabled: true });
    assert.equal((await fullChannel(a.client, chat)).hidden_prehistory, true);
    await expecting([c], 'the channel', ofChannel(chat), () => a.client.op('addMember', { chat, user: c.id }));
    const later = await say(a, chat, [b, c], unique('after Carol'));
    const shown = await history(c.client, chat);
    assert.ok(shown.includes(later.sent.text) && !shown.includes(old.sent.text), shown.join());
    assert.ok((await history(b.client, chat)).includes(old.sent.text));
    assert.equal((await c.client.op('search', { peer: chat, query: old.sent.text.split(' ').pop() })).length, 0);
    const picked = await rawChannel(c.client, chat, 'channels.getMessages', { id: [{ _: 'inputMessageID', id: old.sent.id }] });
    assert.equal(picked.messages[0]._, 'messageEmpty');
  }],
  ['supergroup: delete all of one author', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    for (let index = 0; index < 3; index += 1) await say(c, chat, [a, b], unique(`spam ${index}`));
    const kept = await say(b, chat, [a, c], unique('kept'));
    await expectError(b.client.op('removeAllOf', { chat, user: c.id }), /CHAT_ADMIN_REQUIRED|RIGHT_FORBIDDEN/);
    const { updates } = await expecting([b, c], 'the deletion', isDeletion(chat), () => a.client.op('removeAllOf', { chat, user: c.id }));
    assert.equal(updates[0].messages.length, 3);
    const shown = await history(b.client, chat);
    assert.ok(shown.includes(kept.sent.text) && !shown.some((text) => text.startsWith('spam')), shown.join());
  }],
  ['supergroup: away and back', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const old = await say(a, chat, [b, c], unique('before'));
    const { pts } = await fullChannel(b.client, chat);
    const state = await t.b.call('updates.getState');
    await t.bLeaves();
    const missed = Array.from({ length: 3 }, (_, index) => unique(`missed ${index}`));
    const ids = [];
    for (const text of missed) ids.push((await a.client.op('send', { peer: chat, text })).id);
    await a.client.op('edit', { peer: chat, id: ids[0], text: `${missed[0]} edited` });
    await a.client.op('remove', { peer: chat, ids: [old.sent.id], revoke: true });
    const mark = t.b.mark();
    await t.bReturns();
    if (t.traits.followsChannels) for (const text of missed.slice(1)) await t.b.update((u) => incoming(u)?.text === text && incoming(u).peer === chat, `missed "${text}"`, 12_000, mark);
    // GramJS forgets what it knows of channels with its session.
    await t.b.op('dialogs');
    const seen = await channelDifference(t.b, chat, pts);
    assert.deepEqual(seen.texts, [`${missed[0]} edited`, ...missed.slice(1)]);
    assert.deepEqual(seen.deleted, [old.sent.id]);
    assert.match((await channelDifference(t.b, chat, seen.pts)).kinds[0], /channelDifferenceEmpty$/i);
    assert.equal((await fullChannel(t.b, chat)).pts, seen.pts);
    const common = await t.b.call('updates.getDifference', { pts: state.pts, date: typeof state.date === 'number' ? state.date : Math.floor(new Date(state.date).getTime() / 1000), qts: state.qts });
    assert.ok((common.other_updates ?? []).some((u) => u._ === 'updateChannelTooLong' && peerId(u) === chat), 'the common difference says that the channel changed');
    await say(b, chat, [a, c], unique('back again'));
  }],
  ['supergroup: a gap too long', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    const { pts } = await fullChannel(b.client, chat);
    for (let index = 0; index < 12; index += 1) await a.client.op('send', { peer: chat, text: `far ${index}` });
    const part = await rawChannel(b.client, chat, 'updates.getChannelDifference', { filter: { _: 'channelMessagesFilterEmpty' }, pts, limit: 3 });
    if (/channelDifferenceTooLong$/i.test(part._)) assert.ok(part.messages.length > 0 && part.dialog.pts > pts);
    else {
      assert.equal(Boolean(part.final), false);
      assert.equal(part.new_messages.length, 3);
    }
    const seen = await channelDifference(b.client, chat, pts);
    assert.equal(seen.texts.filter((text) => text.startsWith('far')).length, 12);
    await expectError(rawChannel(b.client, chat, 'updates.getChannelDifference', { filter: { _: 'channelMessagesFilterEmpty' }, pts: 0, limit: 10 }), 'PERSISTENT_TIMESTAMP_EMPTY');
  }],
  ['supergroup: banned while away', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const { pts } = await fullChannel(b.client, chat);
    await t.bLeaves();
    await say(a, chat, [c], unique('before the removal'));
    await a.client.op('ban', { chat, user: b.id });
    const secret = unique('secret title');
    await a.client.op('setTitle', { chat, title: secret });
    await say(a, chat, [c], unique('after the removal'));
    const mark = t.b.mark();
    await t.bReturns();
    await expectError(rawChannel(t.b, chat, 'updates.getChannelDifference', { filter: { _: 'channelMessagesFilterEmpty' }, pts, limit: 100 }), SHUT_OUT);
    await expectError(raw(t.b, chat, 'messages.getHistory', HISTORY_PAGE), SHUT_OUT);
    const dialogs = JSON.stringify(await t.b.call('messages.getDialogs', { offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 100, hash: 0 }));
    assert.ok(!dialogs.includes(secret) && !dialogs.includes('after the removal'));
    assert.ok(!t.b.updates.slice(mark).some((u) => JSON.stringify(u).includes('after the removal')), 'nothing later comes to him');
  }],
  ['supergroup: two members with two devices each', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    const devices = [];
    for (const phone of [t.aPhone, t.bPhone]) {
      const device = await t.open();
      await device.op('start', { phone, code: t.code, firstName: 'unused' });
      await device.op('dialogs');
      devices.push(device);
    }
    const [a2, b2] = devices;
    const text = unique('from the first device');
    const marks = [a2.mark(), b2.mark()];
    const { id } = await a.client.op('send', { peer: chat, text });
    assert.equal(incoming(await a2.update((u) => incoming(u)?.text === text, 'the own message', 8000, marks[0])).out, true);
    assert.equal(incoming(await b2.update((u) => incoming(u)?.text === text, 'the message', 8000, marks[1])).out, false);
    const read = [b2.mark(), a2.mark()];
    await b.client.op('read', { peer: chat, maxId: id });
    await b2.update((u) => u._ === 'updateReadChannelInbox' && peerId(u) === chat && u.max_id === id, 'what the other device read', 8000, read[0]);
    await a2.update((u) => u._ === 'updateReadChannelOutbox' && peerId(u) === chat && u.max_id === id, 'the read mark', 8000, read[1]);
    const { id: answer } = await a.client.op('send', { peer: chat, text: unique('an answer'), replyTo: id });
    const mark = b2.mark();
    await raw(b.client, chat, 'messages.readDiscussion', { msg_id: id, read_max_id: answer });
    const { top_msg_id, read_max_id } = await b2.update((u) => u._ === 'updateReadChannelDiscussionInbox' && peerId(u) === chat, 'what the other device read of a thread', 8000, mark);
    assert.deepEqual([top_msg_id, read_max_id], [id, answer]);
    for (const device of devices) await device.op('logOut');
  }],
  ['supergroup: random_id retry', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    const request = { message: unique('once'), random_id: randomId() };
    const id = (answer) => answer.updates.find((u) => u._ === 'updateMessageID').id;
    const first = id(await raw(a.client, chat, 'messages.sendMessage', request));
    assert.equal(id(await raw(a.client, chat, 'messages.sendMessage', request)), first);
    for (const { client } of [a, b]) assert.equal((await history(client, chat)).filter((text) => text === request.message).length, 1);
  }],
  ['supergroup: reactions', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const { sent } = await say(a, chat, [b, c], unique('react to me'));
    const counts = (reactions) => (reactions?.results ?? []).map(({ reaction, count }) => [reaction.emoticon, count]);
    for (const { client } of [b, c]) await client.op('react', { peer: chat, id: sent.id, emoji: '\u{1f44d}' });
    await eventually(async () => {
      const { updates } = await raw(a.client, chat, 'messages.getMessagesReactions', { id: [sent.id] });
      assert.deepEqual(counts(updates[0].reactions), [['\u{1f44d}', 2]]);
    });
    const list = await raw(a.client, chat, 'messages.getMessageReactionsList', { id: sent.id, limit: 10 });
    assert.deepEqual(list.reactions.map(({ peer_id }) => peerId(peer_id)).sort(), [b.id, c.id].sort());
    // Page by page, one emoji, and with what the caller chose.
    const reacted = async (params) => raw(a.client, chat, 'messages.getMessageReactionsList', { id: sent.id, ...params });
    const first = await reacted({ limit: 1 });
    const second = await reacted({ limit: 1, offset: first.next_offset });
    assert.deepEqual([first.count, second.count, peerId(first.reactions[0].peer_id), peerId(second.reactions[0].peer_id)], [2, 2, c.id, b.id]);
    await a.client.op('react', { peer: chat, id: sent.id, emoji: '\u{2764}' });
    await c.client.op('react', { peer: chat, id: sent.id, emoji: '\u{2764}' });
    const hearts = await reacted({ limit: 10, reaction: { _: 'reactionEmoji', emoticon: '\u{2764}' } });
    assert.deepEqual([hearts.count, hearts.reactions.map(({ peer_id }) => peerId(peer_id))], [2, [c.id, a.id]]);
    const { raw: message } = (await a.client.op('history', { peer: chat, limit: 5 })).find(({ id }) => id === sent.id);
    if (message) assert.deepEqual(message.reactions.results.map(({ count, chosen_order }) => [count, typeof chosen_order === 'number']), [[2, true], [1, false]]);
  }],
  ['supergroup: reactions that an admin takes away', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const { sent } = await say(a, chat, [b, c], unique('not everybody may like it'));
    const { sent: other } = await say(b, chat, [a, c], unique('nor this'));
    for (const { id } of [sent, other]) await c.client.op('react', { peer: chat, id, emoji: '\u{1f44d}' });
    // Older layers don't know the methods.
    if (t.traits.layer < 225) return;
    const participant = (client) => client.op('inputPeer', { peer: c.id });
    await expectError(raw(b.client, chat, 'messages.deleteParticipantReaction', { msg_id: sent.id, participant: await participant(b.client) }), 'CHAT_ADMIN_REQUIRED');
    const gone = (id) => (u) => isEdit(u) && u.message.id === id && (u.message.reactions?.results ?? []).length === 0;
    await expecting([b, c], 'that one is gone', gone(sent.id), async () => raw(a.client, chat, 'messages.deleteParticipantReaction', { msg_id: sent.id, participant: await participant(a.client) }));
    await expecting([b, c], 'that all are gone', gone(other.id), async () => raw(a.client, chat, 'messages.deleteParticipantReactions', { participant: await participant(a.client) }));
  }],
  ['supergroup: reactions to one\'s own, until they are seen', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const { sent } = await say(a, chat, [b, c], unique('what do you think'));
    const unread = async ({ client }) => (await client.call('messages.getPeerDialogs', { peers: [{ _: 'inputDialogPeer', peer: await inputPeer(client, chat) }] })).dialogs[0].unread_reactions_count;
    const shown = async ({ client }) => (await raw(client, chat, 'messages.getUnreadReactions', { offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0 })).messages.map(({ id }) => id);
    const fresh = (u) => u._ === 'updateMessageReactions' && u.msg_id === sent.id && (u.reactions.recent_reactions ?? []).some((each) => each.unread && peerId(each.peer_id) === b.id);
    await expecting([a], 'that a reaction is new', fresh, () => b.client.op('react', { peer: chat, id: sent.id, emoji: '\u{1f44d}' }));
    await eventually(async () => assert.deepEqual([await unread(a), await shown(a)], [1, [sent.id]]));
    assert.deepEqual([await unread(b), await shown(b)], [0, []]);
    await c.client.op('react', { peer: chat, id: sent.id, emoji: '\u{1f525}' });
    // Carol's may come late to Alice's own box.
    await eventually(async () => {
      await raw(a.client, chat, 'messages.readReactions');
      assert.equal(await unread(a), 0);
    });
    await b.client.op('react', { peer: chat, id: sent.id, emoji: '' });
    assert.deepEqual([await unread(a), await shown(a)], [0, []]);
  }],
  ['supergroup: in common, protected, with a period', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    const common = (await b.client.call('messages.getCommonChats', { user_id: await t.inputUser(b.client, a.id), max_id: 0, limit: 100 })).chats.map(({ id }) => id);
    assert.ok(common.includes(bare(chat)));
    const { sent } = await say(a, chat, [b], unique('not to be forwarded'));
    await a.client.op('protect', { chat, enabled: true });
    await eventually(async () => assert.equal((await b.client.op('chat', { chat })).noforwards, true));
    await expectError(b.client.op('forward', { from: chat, ids: [sent.id], to: 'me' }), 'CHAT_FORWARDS_RESTRICTED');
    await expectError(b.client.op('protect', { chat, enabled: false }), NOT_HIS);
    const { updates } = await expecting([b], 'the notice of the period', (u) => notice(u, 'SetMessagesTTL')?.peer === chat, () => a.client.op('setTtl', { chat, period: 86_400 }));
    assert.equal(notice(updates[0]).action.period, 86_400);
    assert.equal((await fullChannel(b.client, chat)).ttl_period, 86_400);
  }],
  ['supergroup: it ends', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    await expectError(b.client.op('deleteChannel', { chat }), /CHAT_ADMIN_REQUIRED|RIGHT_FORBIDDEN/);
    await expecting([b], 'the end', ofChannel(chat), () => a.client.op('deleteChannel', { chat }));
    for (const { client } of [a, b]) {
      await expectError(raw(client, chat, 'messages.getHistory', HISTORY_PAGE), SHUT_OUT);
      await eventually(async () => assert.equal(await dialogOf(client, chat), undefined));
    }
  }],
  ['supergroup: made of a basic group', async (t) => {
    const { a, b, c } = await trio(t);
    const title = unique('small');
    const { id: small } = await a.client.op('createGroup', { title, users: [b.id, c.id] });
    const before = await say(a, small, [b, c], unique('in the small one'));
    await expectError(b.client.call('messages.migrateChat', { chat_id: -small }), /CHAT_ADMIN_REQUIRED|RIGHT_FORBIDDEN/);
    const { updates } = await expecting([b, c], 'that it moved', (u) => notice(u, 'ChatMigrateTo')?.peer === small, () => a.client.call('messages.migrateChat', { chat_id: -small }));
    const chat = peerId(notice(updates[0]).action);
    const old = await b.client.op('chat', { chat: small });
    assert.deepEqual([Boolean(old.deactivated), peerId(old.migrated_to)], [true, chat]);
    await expectError(b.client.op('send', { peer: small, text: 'too late' }), /CHAT_WRITE_FORBIDDEN|PEER_ID_INVALID|CHAT_ID_INVALID|PEER_ID_NOT_SUPPORTED/);
    assert.ok((await history(b.client, small)).includes(before.sent.text), 'what was said stays there');
    await eventually(async () => assert.equal((await b.client.op('chat', { chat })).title, title));
    const full = await fullChannel(b.client, chat);
    assert.deepEqual([full.migrated_from_chat_id, full.participants_count, full.migrated_from_max_id > 0], [-small, 3, true]);
    assert.ok((await actionsIn(b.client, chat)).includes('messageActionChannelMigrateFrom'));
    await say(b, chat, [a, c], unique('in the large one'));
  }],
];

/** What every library does in broadcast channels. */
export const broadcastFeatures = [
  ['channel: posts, who may', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat, title } = await open(a, [b, c], { broadcast: true });
    const seen = await b.client.op('chat', { chat });
    assert.deepEqual([seen._, seen.title, Boolean(seen.broadcast), Boolean(seen.megagroup)], ['channel', title, true, false]);
    const { sent } = await post(a, chat, [b, c], unique('to all'));
    await expectError(b.client.op('send', { peer: chat, text: 'me too' }), /CHAT_WRITE_FORBIDDEN|CHAT_ADMIN_REQUIRED/);
    await expectError(raw(b.client, chat, 'messages.editMessage', { id: sent.id, message: 'words' }), /CHAT_ADMIN_REQUIRED|MESSAGE_AUTHOR_REQUIRED|CHAT_WRITE_FORBIDDEN/);
    await expectError(b.client.op('members', { chat }), NOT_HIS);
    const text = unique('changed');
    await expecting([b, c], 'the edit', (u) => isEdit(u) && u.message.message === text, () => a.client.op('edit', { peer: chat, id: sent.id, text }));
    await a.client.op('promote', { chat, user: b.id, rights: { post_messages: true } });
    await post(b, chat, [a, c], unique('by an admin'));
    await expectError(raw(b.client, chat, 'messages.editMessage', { id: sent.id, message: unique('not his') }), /CHAT_ADMIN_REQUIRED|MESSAGE_AUTHOR_REQUIRED|RIGHT_FORBIDDEN/);
    await a.client.op('promote', { chat, user: b.id, rights: { post_messages: true, edit_messages: true, delete_messages: true } });
    await raw(b.client, chat, 'messages.editMessage', { id: sent.id, message: unique('his too') });
    await expecting([c], 'the deletion', isDeletion(chat), () => b.client.op('remove', { peer: chat, ids: [sent.id], revoke: true }));
  }],
  ['channel: signatures', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b], { broadcast: true });
    const unsigned = await post(a, chat, [b], unique('unsigned'));
    assert.equal(unsigned.received[0].raw.post_author, undefined);
    await rawChannel(a.client, chat, 'channels.toggleSignatures', { signatures_enabled: true });
    const signed = await post(a, chat, [b], unique('signed'));
    assert.equal(signed.received[0].raw.post_author, 'Alice');
    assert.equal(signed.received[0].from, undefined);
    await rawChannel(a.client, chat, 'channels.toggleSignatures', { signatures_enabled: true, profiles_enabled: true });
    const text = unique('by me');
    const { updates: [told] } = await expecting([b], 'the post', (u) => incoming(u)?.text === text, () => a.client.op('send', { peer: chat, text }));
    assert.deepEqual([incoming(told).from, Boolean(incoming(told).raw.post)], [a.id, true]);
    const { messages: [newest], users } = await raw(b.client, chat, 'messages.getHistory', HISTORY_PAGE);
    assert.deepEqual([peerId(newest.from_id), users.some(({ id }) => Number(id) === a.id)], [a.id, true]);
  }],
  ['channel: views, each viewer once', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c], { broadcast: true });
    const { sent } = await post(a, chat, [b, c], unique('look at me'));
    const views = async (client, increment) => (await raw(client, chat, 'messages.getMessagesViews', { id: [sent.id], increment })).views[0].views;
    const first = await views(a.client, false);
    for (let index = 0; index < 3; index += 1) await views(b.client, true);
    await eventually(async () => assert.equal(await views(a.client, false), first + 1));
    await views(c.client, true);
    await eventually(async () => assert.equal(await views(a.client, false), first + 2));
    assert.equal((await b.client.op('history', { peer: chat, limit: 1 }))[0].raw.views, first + 2);
  }],
  ['channel: comments in its discussion group', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c], { broadcast: true });
    const { chat: group } = await open(a, [b]);
    await a.client.call('channels.setDiscussionGroup', { broadcast: await inputChannel(a.client, chat), group: await inputChannel(a.client, group) });
    assert.equal((await fullChannel(b.client, chat)).linked_chat_id, bare(group));
    // Each post has a copy in the group, which says where it comes from, and is pinned.
    const { result: { sent, received: [first] }, updates } = await expecting([b], 'the post in the group', (u) => incoming(u)?.peer === group && incoming(u).raw.fwd_from, () => post(a, chat, [b, c], unique('discuss')));
    assert.deepEqual([first.raw.replies.comments, first.raw.replies.replies, first.raw.replies.channel_id], [true, 0, bare(group)]);
    const copy = incoming(updates[0]).raw;
    assert.deepEqual([copy.message, peerId(copy.from_id), peerId(copy.fwd_from.saved_from_peer), copy.fwd_from.saved_from_msg_id, copy.fwd_from.channel_post], [sent.text, chat, chat, sent.id, sent.id]);
    assert.ok((await b.client.op('history', { peer: group, limit: 5 })).find(({ id }) => id === copy.id).raw.pinned);
    // Who reads the channel comments, in the group or not.
    const said = [];
    for (const { client } of [b, c]) {
      await client.op('history', { peer: chat, limit: 5 });
      said.unshift(unique('my comment'));
      await client.op('comment', { peer: chat, id: sent.id, text: said[0] });
    }
    await eventually(async () => {
      const { replies } = (await c.client.op('history', { peer: chat, limit: 5 })).find(({ id }) => id === sent.id).raw;
      assert.deepEqual([replies.comments, replies.replies, replies.channel_id, replies.recent_repliers.map(peerId)], [true, 2, bare(group), [c.id, b.id]]);
    });
    const page = { msg_id: sent.id, ...HISTORY_PAGE };
    const thread = await raw(c.client, chat, 'messages.getReplies', page);
    assert.deepEqual(thread.messages.map(({ message }) => message), said);
    const { views: [counted] } = await raw(b.client, chat, 'messages.getMessagesViews', { id: [sent.id], increment: false });
    assert.equal(counted.replies.replies, 2);
    // A thread is read by itself.
    const discussion = () => raw(a.client, chat, 'messages.getDiscussionMessage', { msg_id: sent.id });
    const { messages: [shown], unread_count: unread, max_id: last } = await discussion();
    assert.deepEqual([shown.id, unread], [copy.id, 2]);
    await raw(a.client, group, 'messages.readDiscussion', { msg_id: copy.id, read_max_id: last });
    assert.equal((await discussion()).unread_count, 0);
    // What becomes of the post becomes of its copy.
    const text = unique('amended');
    await a.client.op('edit', { peer: chat, id: sent.id, text });
    await b.client.update((u) => isEdit(u) && peerId(u.message.peer_id) === group && u.message.message === text, 'the copy edited');
    await a.client.op('remove', { peer: chat, ids: [sent.id], revoke: true });
    await b.client.update((u) => isDeletion(group)(u) && u.messages.includes(copy.id), 'the copy deleted');
  }],
  ['channel: forwards name it', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b], { broadcast: true });
    const { sent } = await post(a, chat, [b], unique('pass it on'));
    await expecting([c], 'the forward', (u) => incoming(u)?.text === sent.text, () => b.client.op('forward', { from: chat, ids: [sent.id], to: c.id }));
    const [copy] = await c.client.op('history', { peer: b.id, limit: 1 });
    assert.deepEqual([peerId(copy.raw.fwd_from.from_id), copy.raw.fwd_from.channel_post], [chat, sent.id]);
    await eventually(async () => assert.equal((await raw(a.client, chat, 'messages.getMessagesViews', { id: [sent.id], increment: false })).views[0].forwards, 1));
  }],
  ['channel: public, read without joining', async (t) => {
    const { a, b } = await trio(t);
    const dave = await t.signUp('Dave');
    const { chat } = await open(a, [b], { broadcast: true });
    const username = await publish(a, chat);
    const { sent } = await post(a, chat, [b], unique('for the world'));
    assert.equal((await dave.client.op('resolve', { username })).id, chat);
    assert.deepEqual(await history(dave.client, chat, 1), [sent.text]);
    const { pts } = await fullChannel(dave.client, chat);
    const next = await post(a, chat, [b], unique('and more'));
    assert.deepEqual((await channelDifference(dave.client, chat, pts)).texts, [next.sent.text], 'who is not in it polls');
    const { link } = await rawChannel(dave.client, chat, 'channels.exportMessageLink', { id: sent.id });
    assert.ok(link.endsWith(`t.me/${username}/${sent.id}`), link);
    await dave.client.op('joinPublic', { username });
    await post(a, chat, [b, dave], unique('to a new subscriber'));
    await dave.client.op('leave', { chat });
    const mark = dave.client.mark();
    await post(a, chat, [b], unique('without him'));
    await t.introduce(a, dave.client, dave.id);
    const own = unique('to Dave alone');
    await a.client.op('send', { peer: dave.id, text: own });
    await dave.client.update((u) => incoming(u)?.text === own, own, 8000, mark);
    assert.ok(!dave.client.updates.slice(mark).some((u) => incoming(u)?.text?.startsWith('without him')));
  }],
  ['channel: two devices, notification settings, archive', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b], { broadcast: true });
    const peer = await inputPeer(b.client, chat);
    await b.client.call('account.updateNotifySettings', { peer: { _: 'inputNotifyPeer', peer }, settings: { _: 'inputPeerNotifySettings', silent: true } });
    assert.equal((await fullChannel(b.client, chat)).notify_settings.silent, true);
    await b.client.call('folders.editPeerFolders', { folder_peers: [{ _: 'inputFolderPeer', peer, folder_id: 1 }] });
    const archived = await b.client.call('messages.getDialogs', { folder_id: 1, offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 50, hash: 0 });
    assert.ok(archived.dialogs.some((dialog) => peerId(dialog.peer) === chat));
    await b.client.call('folders.editPeerFolders', { folder_peers: [{ _: 'inputFolderPeer', peer, folder_id: 0 }] });
  }],
  ['channel: a post brings it back from the archive, unless it is muted', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b], { broadcast: true });
    const peer = await inputPeer(b.client, chat);
    const archived = async () => (await b.client.call('messages.getDialogs', { folder_id: 1, offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 50, hash: 0 })).dialogs.some((dialog) => peerId(dialog.peer) === chat);
    const mute = (mute_until) => b.client.call('account.updateNotifySettings', { peer: { _: 'inputNotifyPeer', peer }, settings: { _: 'inputPeerNotifySettings', mute_until } });
    await b.client.call('folders.editPeerFolders', { folder_peers: [{ _: 'inputFolderPeer', peer, folder_id: 1 }] });
    await mute(0x7fffffff);
    await a.client.op('send', { peer: chat, text: 'unheard' });
    assert.ok(await archived());
    await mute(0);
    const mark = b.client.mark();
    await a.client.op('send', { peer: chat, text: 'heard' });
    await b.client.update((u) => u._ === 'updateFolderPeers' && peerId(u.folder_peers[0].peer) === chat && u.folder_peers[0].folder_id === 0, 'the return', 8000, mark);
    assert.ok(!(await archived()));
  }],
  ['channel: read on one device, known to another that was away', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b], { broadcast: true });
    const { id } = await a.client.op('send', { peer: chat, text: 'news' });
    await eventually(async () => assert.equal((await b.client.op('history', { peer: chat, limit: 5 }))[0].text, 'news'));
    const { pts, date, qts } = await b.client.call('updates.getState');
    await b.client.call('channels.readHistory', { channel: await inputChannel(b.client, chat), max_id: id });
    const difference = await b.client.call('updates.getDifference', { pts, date: typeof date === 'number' ? date : Math.floor(new Date(date).getTime() / 1000), qts });
    assert.ok(difference.other_updates.some((u) => u._ === 'updateReadChannelInbox' && u.max_id === id && u.still_unread_count === 0), 'what was read');
  }],
];
