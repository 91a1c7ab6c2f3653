// Basic groups, as every client library uses them. `t`: see index.mjs; groups are named by their marked id, −chat_id.
import assert from 'node:assert/strict';
import { asksToJoin, dialogOf, expecting, freeName, history, randomId, say, statusOf, tendsDialog, texts, trio, unique } from './company.mjs';
import { eventually, expectError, incoming, isEdit, isRead, notice, numbered, peerId } from './expect.mjs';

const inputChat = (chat) => ({ _: 'inputPeerChat', chat_id: -chat });
const raw = (client, peer, method, params = {}) => client.call(method, { peer: inputChat(peer), ...params });
const fullChat = async (client, chat) => (await client.call('messages.getFullChat', { chat_id: -chat })).full_chat;

/** A new group of Alice's with these people in it, all of whom know of it. */
async function open(owner, others, title = unique('group')) {
  const marks = others.map(({ client }) => client.mark());
  const { id, missing } = await owner.client.op('createGroup', { title, users: others.map((other) => other.id) });
  assert.ok(id < 0, `a marked id of a group, got ${id}`);
  assert.deepEqual(missing, []);
  await Promise.all(others.map(({ client }, index) => client.update((u) => notice(u, 'ChatCreate')?.peer === id, 'the new group', 8000, marks[index])));
  return { chat: id, title };
}

export const groupFeatures = [
  ['group: create', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat, title } = await open(a, [b, c]);
    for (const person of [a, b, c]) {
      const seen = await person.client.op('chat', { chat });
      assert.deepEqual([seen._, seen.title, seen.participants_count, Boolean(seen.creator), Boolean(seen.left)], ['chat', title, 3, person === a, false]);
      const members = await person.client.op('members', { chat });
      assert.deepEqual(members.map(({ id }) => id).sort(), [a.id, b.id, c.id].sort());
      assert.deepEqual([a, b, c].map(({ id }) => statusOf(members, id)), ['creator', 'member', 'member']);
      assert.ok(await dialogOf(person.client, chat), 'a dialog for everybody');
    }
    const created = b.client.updates.map((u) => notice(u, 'ChatCreate')).find((n) => n?.peer === chat);
    assert.equal(created.from, a.id);
    assert.equal(created.action.title, title);
    for (const { id } of [b, c]) assert.ok(created.action.users.includes(id));
  }],
  ['group: bad requests', async (t) => {
    const { a, b } = await trio(t);
    const user = await t.inputUser(a.client, b.id);
    const nowhere = 2 ** 34 + 32 * 7 + t.server.dc.id;
    await expectError(a.client.call('messages.createChat', { users: [user], title: '' }), 'CHAT_TITLE_EMPTY');
    await expectError(a.client.call('messages.getFullChat', { chat_id: nowhere }), 'CHAT_ID_INVALID');
    await expectError(a.client.call('messages.editChatTitle', { chat_id: nowhere, title: 'x' }), 'CHAT_ID_INVALID');
    await expectError(a.client.call('messages.sendMessage', { peer: { _: 'inputPeerChat', chat_id: nowhere }, message: 'x', random_id: randomId() }), 'PEER_ID_INVALID');
    const { chat } = await open(a, [b]);
    await expectError(a.client.call('messages.sendMessage', { peer: inputChat(chat), message: '', random_id: randomId() }), 'MESSAGE_EMPTY');
    await expectError(a.client.call('messages.addChatUser', { chat_id: -chat, user_id: user, fwd_limit: 0 }), 'USER_ALREADY_PARTICIPANT');
    await expectError(a.client.op('setTitle', { chat, title: '' }), 'CHAT_TITLE_EMPTY');
    await say(a, chat, [b], unique('still here'));
  }],
  ['group: add and remove', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat, title } = await open(a, [b]);
    const before = unique('before Carol');
    await say(a, chat, [b], before);
    const { result: missing, updates } = await expecting([b, c], 'the addition', (u) => notice(u, 'ChatAddUser')?.peer === chat, () => a.client.op('addMember', { chat, user: c.id }));
    assert.deepEqual(missing, []);
    for (const update of updates) assert.deepEqual([notice(update).from, notice(update).action.users], [a.id, [c.id]]);
    assert.equal((await c.client.op('chat', { chat })).title, title);
    assert.equal((await b.client.op('members', { chat })).length, 3);
    assert.ok(!(await history(c.client, chat)).includes(before), 'what was said before is not hers');
    await say(c, chat, [a, b], unique('from Carol'));

    const removed = await expecting([b, c], 'the removal', (u) => notice(u, 'ChatDeleteUser')?.peer === chat, () => a.client.op('removeMember', { chat, user: c.id }));
    for (const update of removed.updates) assert.deepEqual([notice(update).from, notice(update).action.user_id], [a.id, c.id]);
    const mark = c.client.mark();
    const after = unique('after Carol');
    await say(a, chat, [b], after);
    await expectError(c.client.op('send', { peer: chat, text: 'may I?' }), /CHAT_WRITE_FORBIDDEN|USER_NOT_PARTICIPANT|CHAT_FORBIDDEN|PEER_ID_INVALID/);
    await expectError(c.client.op('setTitle', { chat, title: 'mine' }), /USER_NOT_PARTICIPANT|CHAT_ADMIN_REQUIRED|CHAT_FORBIDDEN|CHAT_ID_INVALID/);
    assert.ok(!(await history(c.client, chat)).includes(after), 'what is said later is not hers');
    // What would have come, had it been sent to her, is there before a message that comes now.
    const own = unique('to Carol alone');
    await a.client.op('send', { peer: c.id, text: own });
    await c.client.update((u) => incoming(u)?.text === own, own, 8000, mark);
    assert.ok(!c.client.updates.slice(mark).some((u) => incoming(u)?.peer === chat), 'nothing of the group is pushed to her');
    const seen = await c.client.call('messages.getChats', { id: [chatIdOf(t, chat)] });
    assert.ok(seen.chats.every((each) => each._ === 'chatForbidden' || each._ === 'chatEmpty' || each.left || each.kicked), JSON.stringify(seen.chats).slice(0, 200));
    await expectError(a.client.op('removeMember', { chat, user: c.id }), 'USER_NOT_PARTICIPANT');
    await expecting([b, c], 'the second addition', (u) => notice(u, 'ChatAddUser')?.peer === chat, () => a.client.op('addMember', { chat, user: c.id }));
    await say(b, chat, [a, c], unique('all again'));
    assert.ok(!(await history(c.client, chat)).includes(after), 'what was said without her stays unknown');
  }],
  ['group: leave', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const { updates } = await expecting([a, b], 'the leaving', (u) => notice(u, 'ChatDeleteUser')?.peer === chat, () => c.client.op('leave', { chat }));
    for (const update of updates) assert.deepEqual([notice(update).from, notice(update).action.user_id], [c.id, c.id]);
    await expectError(c.client.op('send', { peer: chat, text: 'gone' }), /CHAT_WRITE_FORBIDDEN|USER_NOT_PARTICIPANT|PEER_ID_INVALID/);
    const members = await a.client.op('members', { chat });
    assert.deepEqual(members.map(({ id }) => id).sort(), [a.id, b.id].sort());
    assert.equal((await b.client.op('chat', { chat })).participants_count, 2);
    await say(b, chat, [a], unique('two are left'));
  }],
  ['group: title and description', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    const title = unique('retitled');
    const { updates } = await expecting([a], 'the new title', (u) => notice(u, 'ChatEditTitle')?.peer === chat, () => b.client.op('setTitle', { chat, title }));
    assert.deepEqual([notice(updates[0]).from, notice(updates[0]).action.title], [b.id, title]);
    for (const { client } of [a, b]) assert.equal((await client.op('chat', { chat })).title, title);
    await expectError(a.client.op('setTitle', { chat, title }), 'CHAT_NOT_MODIFIED');
    const about = unique('about');
    await a.client.op('setAbout', { chat, about });
    assert.equal((await fullChat(b.client, chat)).about, about);
    await expectError(a.client.op('setAbout', { chat, about }), 'CHAT_ABOUT_NOT_MODIFIED');
    await expectError(a.client.op('setAbout', { chat, about: 'x'.repeat(256) }), 'CHAT_ABOUT_TOO_LONG');
  }],
  ['group: admins and default permissions', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b]);
    const { updates } = await expecting([b], 'the default permissions', (u) => u._ === 'updateChatDefaultBannedRights' && peerId(u.peer) === chat,
      () => a.client.op('setPermissions', { chat, banned: { change_info: true, invite_users: true, pin_messages: true, send_messages: true } }));
    assert.equal(updates[0].default_banned_rights.change_info, true);
    const seen = (await b.client.op('chat', { chat })).default_banned_rights;
    for (const right of ['change_info', 'invite_users', 'pin_messages', 'send_messages']) assert.equal(seen[right], true, right);
    const { received: [top] } = await say(a, chat, [b], unique('by the creator'));
    const attempts = [
      ['CHAT_WRITE_FORBIDDEN', () => b.client.op('send', { peer: chat, text: unique('by Bob') })],
      ['CHAT_ADMIN_REQUIRED', () => b.client.op('setTitle', { chat, title: unique('by Bob') })],
      ['CHAT_ADMIN_REQUIRED', () => b.client.op('pin', { peer: chat, id: top.id })],
      ['CHAT_ADMIN_REQUIRED', () => b.client.op('addMember', { chat, user: c.id })],
    ];
    for (const [error, attempt] of attempts) await expectError(attempt(), error);
    await expectError(b.client.op('setAdmin', { chat, user: b.id, admin: true }), /CHAT_ADMIN_REQUIRED|USER_ID_INVALID/);
    await expectError(b.client.op('setPermissions', { chat, banned: {} }), 'CHAT_ADMIN_REQUIRED');

    await expecting([b], 'the promotion', (u) => u._ === 'updateChatParticipantAdmin' && u.chat_id === -chat && u.user_id === b.id && u.is_admin === true, () => a.client.op('setAdmin', { chat, user: b.id, admin: true }));
    assert.equal(statusOf(await a.client.op('members', { chat }), b.id), 'admin');
    assert.ok((await b.client.op('chat', { chat })).admin_rights, 'an admin sees his rights');
    for (const [, attempt] of attempts) await attempt();
    await expectError(b.client.op('setAdmin', { chat, user: c.id, admin: true }), 'CHAT_ADMIN_REQUIRED');

    await expecting([b], 'the demotion', (u) => u._ === 'updateChatParticipantAdmin' && u.chat_id === -chat && !u.is_admin, () => a.client.op('setAdmin', { chat, user: b.id, admin: false }));
    await expectError(b.client.op('send', { peer: chat, text: 'no more' }), 'CHAT_WRITE_FORBIDDEN');
    await expecting([b], 'the permissions given back', (u) => u._ === 'updateChatDefaultBannedRights' && peerId(u.peer) === chat, () => a.client.op('setPermissions', { chat, banned: {} }));
    await say(b, chat, [a, c], unique('free again'));
  }],
  ['group: who may remove whom', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    await expectError(b.client.op('removeMember', { chat, user: c.id }), 'CHAT_ADMIN_REQUIRED');
    await expectError(b.client.op('removeMember', { chat, user: a.id }), /CHAT_ADMIN_REQUIRED|USER_ADMIN_INVALID/);
    await a.client.op('setAdmin', { chat, user: b.id, admin: true });
    await expectError(b.client.op('removeMember', { chat, user: a.id }), /CHAT_ADMIN_REQUIRED|USER_ADMIN_INVALID/);
    await expecting([a, c], 'the removal', (u) => notice(u, 'ChatDeleteUser')?.peer === chat, () => b.client.op('removeMember', { chat, user: c.id }));
    // Who invited somebody may remove him again.
    await a.client.op('setAdmin', { chat, user: b.id, admin: false });
    const dave = await t.signUp('Dave');
    await t.introduce(b, dave.client, dave.id);
    await expecting([dave], 'the addition', (u) => notice(u, 'ChatAddUser')?.peer === chat, () => b.client.op('addMember', { chat, user: dave.id }));
    await expecting([dave], 'the removal', (u) => notice(u, 'ChatDeleteUser')?.peer === chat, () => b.client.op('removeMember', { chat, user: dave.id }));
  }],
  ['group: messages, one order for all', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const sent = await Promise.all([a, b, c].flatMap((person) => Array.from({ length: 6 }, async (_, index) => {
      const text = unique(`burst ${index}`);
      await person.client.op('send', { peer: chat, text });
      return { person, text };
    })));
    const own = await history(a.client, chat, 18);
    assert.deepEqual([...own].sort(), sent.map(({ text }) => text).sort());
    for (const { client } of [b, c]) await eventually(async () => assert.deepEqual(await history(client, chat, 18), own));
    for (const { person, text } of sent) if (person !== b) await b.client.update((u) => incoming(u)?.text === text, text);
    const authors = (await c.client.op('history', { peer: chat, limit: 18 })).map((m) => m.from);
    for (const { id } of [a, b, c]) assert.equal(authors.filter((author) => author === id).length, 6);
  }],
  ['group: reply', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const question = await say(a, chat, [b, c], unique('question'));
    const answer = await say(b, chat, [a, c], unique('answer'), { replyTo: question.received[0].id });
    assert.equal(answer.received[0].replyTo, question.sent.id, 'each sees the answer to the own copy');
    assert.equal(answer.received[1].replyTo, question.received[1].id);
    assert.deepEqual(answer.received.map(({ mentioned }) => mentioned), [true, false], 'an answer mentions whom it answers');
  }],
  ['group: mentions', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const name = freeName('helio_m');
    await c.client.call('account.updateUsername', { username: name });
    const byName = await say(a, chat, [b, c], `${unique('hey')} @${name}`);
    assert.deepEqual(byName.received.map(({ mentioned }) => mentioned), [false, true]);
    const peer = await a.client.op('inputPeer', { peer: c.id });
    const text = unique('Carol, look');
    const mark = c.client.mark();
    const updates = await raw(a.client, chat, 'messages.sendMessage', {
      message: text, random_id: randomId(), entities: [{ _: 'inputMessageEntityMentionName', offset: 0, length: 5, user_id: { _: 'inputUser', user_id: c.id, access_hash: peer.access_hash } }],
    });
    assert.ok(updates);
    const named = incoming(await c.client.update((u) => incoming(u)?.text === text, 'the mention', 8000, mark));
    assert.equal(named.mentioned, true);
    assert.ok(named.entities.some((entity) => entity._ === 'messageEntityMentionName' && entity.user_id === c.id));
    const page = { offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0 };
    const unread = await raw(c.client, chat, 'messages.getUnreadMentions', page);
    assert.deepEqual(unread.messages.map((message) => message.id), [named.id, byName.received[1].id]);
    const dialogs = await c.client.call('messages.getPeerDialogs', { peers: [{ _: 'inputDialogPeer', peer: inputChat(chat) }] });
    assert.equal(dialogs.dialogs[0].unread_mentions_count, 2);
    await raw(c.client, chat, 'messages.readMentions');
    assert.deepEqual((await raw(c.client, chat, 'messages.getUnreadMentions', page)).messages, []);
    assert.deepEqual((await raw(b.client, chat, 'messages.getUnreadMentions', page)).messages, []);
    await c.client.call('account.updateUsername', { username: '' });
  }],
  ['group: edit', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const { sent, received } = await say(b, chat, [a, c], unique('draft'));
    const text = unique('final');
    const { result, updates } = await expecting([a, c], 'the edit', (u) => isEdit(u) && u.message.message === text, () => b.client.op('edit', { peer: chat, id: sent.id, text }));
    assert.ok(result.edited > 0);
    assert.deepEqual(updates.map((u) => [u.message.id, peerId(u.message.peer_id)]), received.map(({ id }) => [id, chat]));
    await expectError(b.client.op('edit', { peer: chat, id: sent.id, text }), 'MESSAGE_NOT_MODIFIED');
    await expectError(a.client.op('edit', { peer: chat, id: received[0].id, text: 'mine' }), 'MESSAGE_AUTHOR_REQUIRED');
    assert.equal((await history(c.client, chat, 1))[0], text);
  }],
  ['group: delete for me, for all, as admin', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const kept = await say(b, chat, [a, c], unique('only my copy goes'));
    await b.client.op('remove', { peer: chat, ids: [kept.sent.id], revoke: false });
    assert.ok(!(await history(b.client, chat)).includes(kept.sent.text));
    assert.ok((await history(a.client, chat)).includes(kept.sent.text));
    const gone = await say(b, chat, [a, c], unique('all copies go'));
    const { updates } = await expecting([a, c], 'the deletion', (u) => u._ === 'updateDeleteMessages', () => b.client.op('remove', { peer: chat, ids: [gone.sent.id], revoke: true }));
    assert.deepEqual(updates.map((u) => u.messages), gone.received.map(({ id }) => [id]));
    // What is not his, a member deletes for himself at most.
    const owned = await say(a, chat, [b, c], unique('the creator\'s'));
    await b.client.op('remove', { peer: chat, ids: [owned.received[0].id], revoke: true }).catch((error) => assert.match(error.message, /MESSAGE_DELETE_FORBIDDEN/));
    await say(b, chat, [a, c], unique('later'));
    for (const { client } of [a, c]) assert.ok((await history(client, chat)).includes(owned.sent.text));
    const moderated = await say(c, chat, [a, b], unique('moderated'));
    await expecting([b, c], 'the admin\'s deletion', (u) => u._ === 'updateDeleteMessages', () => a.client.op('remove', { peer: chat, ids: [moderated.received[0].id], revoke: true }));
    for (const { client } of [a, b, c]) assert.ok(!(await history(client, chat)).includes(moderated.sent.text));
  }],
  ['group: forward in and out', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const { received } = await say(a, chat, [b], unique('pass it on'));
    const [out] = await b.client.op('forward', { from: chat, ids: [received[0].id], to: 'me' });
    assert.equal(out.text, received[0].text);
    assert.equal(peerId(out.raw.fwd_from.from_id), a.id);
    const noted = await b.client.op('send', { peer: 'me', text: unique('from my notes') });
    const { result } = await expecting([a, c], 'the forwarded note', (u) => incoming(u)?.text === noted.text && incoming(u).peer === chat, () => b.client.op('forward', { from: 'me', ids: [noted.id], to: chat }));
    assert.equal(peerId(result[0].raw.fwd_from.from_id), b.id);
    const { chat: other } = await open(a, [b]);
    await expecting([a], 'the forward between groups', (u) => incoming(u)?.text === received[0].text && incoming(u).peer === other, () => b.client.op('forward', { from: chat, ids: [received[0].id], to: other }));
  }],
  ['group: pins', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const { sent, received } = await say(a, chat, [b, c], unique('pin me'));
    const { updates } = await expecting([a, c], 'the pin', (u) => u._ === 'updatePinnedMessages' && u.pinned && peerId(u.peer) === chat, () => b.client.op('pin', { peer: chat, id: received[0].id }));
    assert.deepEqual(updates.map((u) => u.messages), [[sent.id], [received[1].id]]);
    const said = await c.client.update((u) => notice(u, 'PinMessage')?.peer === chat, 'the notice of the pin');
    assert.deepEqual([notice(said).from, notice(said).replyTo], [b.id, received[1].id]);
    const pinned = async ({ client }) => (await raw(client, chat, 'messages.search', { q: '', filter: { _: 'inputMessagesFilterPinned' }, min_date: 0, max_date: 0, offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0, hash: 0 })).messages.map((m) => m.id);
    assert.deepEqual(await pinned(c), [received[1].id]);
    assert.equal((await fullChat(c.client, chat)).pinned_msg_id, received[1].id);
    await expecting([b, c], 'the unpinning', (u) => u._ === 'updatePinnedMessages' && !u.pinned && peerId(u.peer) === chat, () => a.client.op('pin', { peer: chat, id: sent.id, unpin: true }));
    assert.deepEqual(await pinned(c), []);
    await a.client.op('pin', { peer: chat, id: sent.id });
    await expecting([c], 'all unpinned', (u) => u._ === 'updatePinnedMessages' && !u.pinned && peerId(u.peer) === chat, () => a.client.op('unpinAll', { peer: chat }));
    assert.deepEqual(await pinned(b), []);
  }],
  ['group: read marks both ways', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    await b.client.op('read', { peer: chat, maxId: (await dialogOf(b.client, chat)).top });
    for (let index = 0; index < 3; index += 1) await say(a, chat, [b, c], unique(`unread ${index}`));
    const dialog = await dialogOf(b.client, chat);
    assert.equal(dialog.unread, 3);
    const { top } = await dialogOf(a.client, chat);
    await expecting([a], 'the read mark', (u) => isRead(u, 'Outbox') && peerId(u.peer) === chat && u.max_id === top, () => b.client.op('read', { peer: chat, maxId: dialog.top }));
    assert.equal((await dialogOf(a.client, chat)).readOut, top);
    assert.equal((await dialogOf(b.client, chat)).unread, 0);
    assert.ok((await dialogOf(c.client, chat)).unread >= 3, 'who has not read keeps it unread');
    // The other way round.
    await say(b, chat, [a, c], unique('Bob writes'));
    const unread = await dialogOf(a.client, chat);
    assert.equal(unread.unread, 1);
    await expecting([b], 'the other read mark', (u) => isRead(u, 'Outbox') && peerId(u.peer) === chat, () => a.client.op('read', { peer: chat, maxId: unread.top }));
  }],
  ['group: history by pages', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    for (let index = 1; index <= 12; index += 1) await [a, b][index % 2].client.op('send', { peer: chat, text: `page ${index}` });
    await eventually(async () => {
      for (const { client } of [a, b]) {
        const first = await client.op('history', { peer: chat, limit: 5 });
        assert.deepEqual(numbered(first), [12, 11, 10, 9, 8]);
        const second = await client.op('history', { peer: chat, limit: 5, offsetId: first.at(-1).id });
        assert.deepEqual(numbered(second), [7, 6, 5, 4, 3]);
      }
    });
  }],
  ['group: search in it, by sender, everywhere', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const word = unique('gyx').replace(' ', '');
    await say(a, chat, [b, c], `first ${word} here`);
    await say(b, chat, [a, c], `second ${word.toUpperCase()}!`);
    for (const { client } of [a, b, c]) assert.equal((await client.op('search', { peer: chat, query: word })).length, 2);
    assert.deepEqual(texts(await c.client.op('search', { peer: chat, query: word, fromUser: b.id })), [`second ${word.toUpperCase()}!`]);
    assert.equal((await c.client.op('searchGlobal', { query: word })).length, 2);
    assert.equal((await c.client.op('search', { peer: chat, query: `${word}none` })).length, 0);
  }],
  ['group: dialog, its pin, mark and draft', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    const { received } = await say(a, chat, [b], unique('for the list'));
    assert.equal((await dialogOf(b.client, chat)).top, received[0].id);
    await tendsDialog(a, b, chat, inputChat(chat));
  }],
  ['group: typing', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    await expecting([b, c], 'typing', (u) => u._ === 'updateChatUserTyping' && u.chat_id === -chat && peerId(u.from_id) === a.id, () => a.client.op('typing', { peer: chat }));
  }],
  ['group: invite link, its limit, revocation', async (t) => {
    const { a, b, c } = await trio(t);
    const dave = await t.signUp('Dave');
    const { chat, title } = await open(a, [b]);
    const made = await a.client.op('createLink', { chat, limit: 1 });
    assert.match(made.link, /^https:\/\/t\.me\/\+[\w-]{10,}$/);
    assert.equal(made.usage_limit, 1);
    const preview = await c.client.op('previewLink', { link: made.link });
    assert.deepEqual([preview.title, preview.participants_count], [title, 2]);
    const { result, updates } = await expecting([a, b], 'who joined', (u) => notice(u, 'ChatJoinedByLink')?.peer === chat, () => c.client.op('join', { link: made.link }));
    assert.equal(result.id, chat);
    for (const update of updates) assert.deepEqual([notice(update).from, notice(update).action.inviter_id], [c.id, a.id]);
    await say(c, chat, [a, b], unique('thanks'));
    await expectError(c.client.op('join', { link: made.link }), /USER_ALREADY_PARTICIPANT|INVITE_HASH_EXPIRED/);
    await expectError(dave.client.op('join', { link: made.link }), 'INVITE_HASH_EXPIRED');
    const edited = await a.client.op('editLink', { chat, link: made.link, limit: 2 });
    assert.deepEqual([edited.link, edited.usage_limit, edited.usage], [made.link, 2, 1]);
    const listed = await a.client.op('links', { chat });
    assert.ok(listed.some((link) => link.link === made.link && link.usage === 1));
    const revoked = await a.client.op('revokeLink', { chat, link: made.link });
    assert.equal(revoked.revoked, true);
    await expectError(dave.client.op('join', { link: made.link }), 'INVITE_HASH_EXPIRED');
    await expectError(dave.client.op('previewLink', { link: made.link }), 'INVITE_HASH_EXPIRED');
    assert.ok((await a.client.op('links', { chat, revoked: true })).some((link) => link.link === made.link));
    await raw(a.client, chat, 'messages.deleteExportedChatInvite', { link: made.link });
    assert.ok(!(await a.client.op('links', { chat, revoked: true })).some((link) => link.link === made.link));
    await expectError(dave.client.op('join', { link: 'https://t.me/+AAAAAAAAAAAAAAAAAAAAAA' }), /INVITE_HASH_(INVALID|EXPIRED)/);
    await expectError(b.client.op('createLink', { chat }), 'CHAT_ADMIN_REQUIRED');
  }],
  ['group: asking to be let in', async (t) => {
    const { a, b, c } = await trio(t);
    const dave = await t.signUp('Dave');
    const { chat } = await open(a, [b]);
    const { link } = await a.client.op('requestLink', { chat });
    const pending = (count) => (u) => u._ === 'updatePendingJoinRequests' && peerId(u.peer) === chat && u.requests_pending === count;
    await expecting([a], 'that somebody asks', pending(1), () => asksToJoin(c, link));
    await expecting([a], 'that two ask', pending(2), () => asksToJoin(dave, link));
    await expectError(c.client.op('send', { peer: chat, text: 'not yet' }), /./);
    assert.deepEqual((await a.client.op('joinRequests', { chat })).sort(), [c.id, dave.id].sort());
    assert.equal((await fullChat(a.client, chat)).requests_pending, 2);
    assert.equal((await fullChat(b.client, chat)).requests_pending, undefined, 'a member is not told');
    await t.introduce(a, dave.client, dave.id);
    const { updates } = await expecting([b, c], 'who is in', (u) => notice(u, 'ChatJoinedByRequest')?.peer === chat, () => a.client.op('answerRequest', { chat, user: c.id, approve: true }));
    for (const update of updates) assert.equal(notice(update).from, c.id);
    await a.client.op('answerRequest', { chat, user: dave.id, approve: false });
    await say(c, chat, [a, b], unique('thanks'));
    assert.deepEqual(await a.client.op('joinRequests', { chat }), []);
    assert.deepEqual(await a.client.op('linkMembers', { chat, link }), [c.id]);
    assert.deepEqual((await b.client.op('members', { chat })).map(({ id }) => id).sort(), [a.id, b.id, c.id].sort());
    await expectError(b.client.op('joinRequests', { chat }), /CHAT_ADMIN_REQUIRED/);
  }],
  ['group: those who wait to be let in wait in the supergroup that it becomes', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b]);
    const { link } = await a.client.op('requestLink', { chat });
    await expecting([a], 'that somebody asks', (u) => u._ === 'updatePendingJoinRequests' && peerId(u.peer) === chat, () => asksToJoin(c, link));
    const { updates } = await a.client.call('messages.migrateChat', { chat_id: -chat });
    const group = peerId(updates.map((update) => notice(update, 'ChatMigrateTo')).find(Boolean).action);
    await eventually(async () => assert.deepEqual(await a.client.op('joinRequests', { chat: group }), [c.id]));
    const toldOf = (u) => u._ === 'updateChannel' && peerId(u) === group;
    await expecting([c], 'that he is in', toldOf, () => a.client.op('answerRequest', { chat: group, user: c.id, approve: true }));
    await say(c, group, [a, b], unique('in at last'));
  }],
  ['group: the permanent link, and one that expires', async (t) => {
    const { a, b } = await trio(t);
    const dave = await t.signUp('Dave');
    const { chat } = await open(a, [b]);
    const first = await a.client.op('primaryLink', { chat });
    assert.equal(first.permanent, true);
    const second = await a.client.op('primaryLink', { chat });
    assert.notEqual(second.link, first.link);
    await expectError(dave.client.op('previewLink', { link: first.link }), 'INVITE_HASH_EXPIRED');
    assert.equal((await fullChat(a.client, chat)).exported_invite.link, second.link);
    assert.equal((await fullChat(b.client, chat)).exported_invite, undefined, 'a member sees no link');
    const expires = Math.floor(Date.now() / 1_000) + 3;
    const short = await a.client.op('createLink', { chat, expires });
    assert.equal(short.expire_date, expires);
    await dave.client.op('previewLink', { link: short.link });
    await eventually(() => expectError(dave.client.op('previewLink', { link: short.link }), 'INVITE_HASH_EXPIRED'));
    await expectError(dave.client.op('join', { link: short.link }), 'INVITE_HASH_EXPIRED');
    await dave.client.op('join', { link: second.link });
    // Who was removed does not come back by a link.
    await t.introduce(a, dave.client, dave.id);
    await expecting([dave], 'the removal', (u) => notice(u, 'ChatDeleteUser')?.peer === chat, () => a.client.op('removeMember', { chat, user: dave.id }));
    await expectError(dave.client.op('join', { link: second.link }), /INVITE_HASH_EXPIRED|USER_KICKED/);
  }],
  ['group: away and back', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b]);
    const old = await say(a, chat, [b], unique('before'));
    const state = await t.b.call('updates.getState');
    await t.bLeaves();
    const missed = Array.from({ length: 3 }, (_, index) => unique(`missed ${index}`));
    const ids = [];
    for (const text of missed) ids.push((await a.client.op('send', { peer: chat, text })).id);
    await a.client.op('edit', { peer: chat, id: ids[0], text: `${missed[0]} edited` });
    await a.client.op('remove', { peer: chat, ids: [old.sent.id], revoke: true });
    await a.client.op('addMember', { chat, user: c.id });
    const title = unique('renamed meanwhile');
    await a.client.op('setTitle', { chat, title });
    const made = await a.client.op('createGroup', { title: unique('made meanwhile'), users: [b.id] });
    const mark = t.b.mark();
    await t.bReturns();
    if (t.traits.recovers) {
      for (const text of missed.slice(1)) await t.b.update((u) => incoming(u)?.text === text && incoming(u).peer === chat, `missed "${text}"`, 10_000, mark);
      await t.b.update((u) => notice(u, 'ChatEditTitle')?.action.title === title, 'the new title', 10_000, mark);
      await t.b.update((u) => notice(u, 'ChatCreate')?.peer === made.id, 'the new group', 10_000, mark);
    }
    const seen = { texts: [], actions: [], deleted: [], chats: new Map() };
    for (let { pts, date, qts } = state; ;) {
      const difference = await t.b.call('updates.getDifference', { pts, date, qts });
      if (/differenceEmpty$/i.test(difference._)) break;
      for (const message of difference.new_messages) message.action ? seen.actions.push(message.action._) : seen.texts.push(message.message);
      for (const each of difference.chats) seen.chats.set(-each.id, each);
      seen.deleted.push(...difference.other_updates.filter((u) => u._ === 'updateDeleteMessages').flatMap((u) => u.messages));
      ({ pts, date, qts } = difference.state ?? difference.intermediate_state);
      if (difference.state) break;
    }
    assert.deepEqual(seen.texts, [`${missed[0]} edited`, ...missed.slice(1)]);
    assert.deepEqual(seen.actions, ['messageActionChatAddUser', 'messageActionChatEditTitle', 'messageActionChatCreate']);
    assert.ok(seen.deleted.includes(old.received[0].id));
    assert.equal(seen.chats.get(chat).title, title);
    assert.ok(seen.chats.has(made.id));
    await say(b, chat, [a, c], unique('back again'));
  }],
  ['group: removed while away', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const state = await t.b.call('updates.getState');
    await t.bLeaves();
    const before = unique('before the removal');
    await say(a, chat, [c], before);
    await a.client.op('removeMember', { chat, user: b.id });
    const after = unique('after the removal');
    await say(a, chat, [c], after);
    await a.client.op('setTitle', { chat, title: unique('secret title') });
    const mark = t.b.mark();
    await t.bReturns();
    if (t.traits.recovers) await t.b.update((u) => notice(u, 'ChatDeleteUser')?.peer === chat, 'the removal', 10_000, mark);
    const { pts, date, qts } = state;
    const difference = await t.b.call('updates.getDifference', { pts, date, qts });
    const inGroup = difference.new_messages.filter((message) => peerId(message.peer_id) === chat);
    assert.deepEqual(inGroup.map((message) => message.message ?? message.action._), [before, 'messageActionChatDeleteUser']);
    assert.ok(!JSON.stringify(difference).includes('secret title'));
    const mine = JSON.stringify(await raw(t.b, chat, 'messages.getHistory', { offset_id: 0, offset_date: 0, add_offset: 0, limit: 20, max_id: 0, min_id: 0, hash: 0 }).catch(() => ''));
    assert.ok(!mine.includes('after the removal') && !mine.includes('secret title'));
    assert.ok(!JSON.stringify(await t.b.call('messages.getDialogs', { offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 100, hash: 0 })).includes('secret title'));
  }],
  ['group: two members with two devices each', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    const devices = [];
    for (const phone of [t.aPhone, t.bPhone]) {
      const device = await t.open();
      await device.op('start', { phone, code: t.code, firstName: 'unused' });
      devices.push(device);
    }
    const [a2, b2] = devices;
    const text = unique('from the first device');
    const marks = [a2.mark(), b2.mark(), b.client.mark()];
    await a.client.op('send', { peer: chat, text });
    assert.equal(incoming(await a2.update((u) => incoming(u)?.text === text, 'the own message', 8000, marks[0])).out, true);
    assert.equal(incoming(await b2.update((u) => incoming(u)?.text === text, 'the message', 8000, marks[1])).out, false);
    const received = incoming(await b.client.update((u) => incoming(u)?.text === text, 'the message', 8000, marks[2]));
    const read = [b2.mark(), a2.mark()];
    await b.client.op('read', { peer: chat, maxId: received.id });
    await b2.update((u) => isRead(u, 'Inbox') && peerId(u.peer) === chat && u.max_id === received.id, 'what the other device read', 8000, read[0]);
    await a2.update((u) => isRead(u, 'Outbox') && peerId(u.peer) === chat, 'the read mark', 8000, read[1]);
    const title = unique('from the second device');
    const renamed = [a.client.mark(), b.client.mark(), b2.mark()];
    await a2.op('dialogs');
    await a2.op('setTitle', { chat, title });
    for (const [index, device] of [a.client, b.client, b2].entries()) await device.update((u) => notice(u, 'ChatEditTitle')?.action.title === title, 'the title', 8000, renamed[index]);
    for (const device of devices) await device.op('logOut');
  }],
  ['group: clear history, leave, delete', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const { sent } = await say(a, chat, [b, c], unique('to be cleared'));
    await raw(b.client, chat, 'messages.deleteHistory', { just_clear: true, max_id: 0 });
    assert.deepEqual(await history(b.client, chat), []);
    assert.ok((await history(c.client, chat)).includes(sent.text));
    await say(a, chat, [b, c], unique('after it'));
    await c.client.op('leave', { chat });
    await raw(c.client, chat, 'messages.deleteHistory', { max_id: 0 });
    assert.equal(await dialogOf(c.client, chat), undefined, 'the dialog is gone');
    assert.ok((await history(a.client, chat)).includes(sent.text));
  }],
  ['group: what people are called', async (t) => {
    if (t.traits.layer < 223) return;
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    const call = async (by, who, rank) => raw(by.client, chat, 'messages.editChatParticipantRank', { participant: who === by ? { _: 'inputPeerSelf' } : await by.client.op('inputPeer', { peer: who.id }), rank });
    const isRank = (rank) => (u) => u._ === 'updateChatParticipantRank' && u.chat_id === -chat && u.user_id === b.id && u.rank === rank;
    await expecting([a, c], 'what Bob is called', isRank('cook'), () => call(b, b, 'cook'));
    const { participants } = (await fullChat(c.client, chat)).participants;
    assert.deepEqual(participants.map(({ user_id: id, rank }) => [id, rank || undefined]).sort(), [[a.id, undefined], [b.id, 'cook'], [c.id, undefined]].sort());
    await expectError(call(b, c, 'friend'), 'CHAT_ADMIN_REQUIRED');
    await expecting([b, c], 'that he is called nothing', isRank(''), () => call(a, b, ''));
  }],
  ['group: left by its creator', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    await a.client.op('setAdmin', { chat, user: c.id, admin: true });
    if (t.traits.layer >= 223) {
      assert.equal((await raw(a.client, chat, 'messages.getFutureChatCreatorAfterLeave')).id, c.id);
      await expectError(raw(b.client, chat, 'messages.getFutureChatCreatorAfterLeave'), 'CHAT_ADMIN_REQUIRED');
    }
    await expecting([b, c], 'that she is gone', (u) => notice(u, 'ChatDeleteUser')?.peer === chat, () => a.client.call('messages.deleteChatUser', { chat_id: -chat, user_id: { _: 'inputUserSelf' } }));
    await eventually(async () => assert.equal(statusOf(await b.client.op('members', { chat }), c.id), 'creator'));
    assert.equal(Boolean((await c.client.op('chat', { chat })).creator), true);
    await c.client.call('messages.editChatAdmin', { chat_id: -chat, user_id: await t.inputUser(c.client, b.id), is_admin: true });
  }],
  ['group: ended by its creator', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b, c]);
    await say(b, chat, [a, c], unique('soon to be gone'));
    await expectError(b.client.call('messages.deleteChat', { chat_id: -chat }), 'CHAT_ADMIN_REQUIRED');
    await c.client.op('leave', { chat });
    const mark = b.client.mark();
    assert.equal(await a.client.call('messages.deleteChat', { chat_id: -chat }), true);
    await b.client.update((u) => u._ === 'updateDeleteMessages', 'the deletion', 8000, mark);
    for (const { client } of [a, b]) {
      await eventually(async () => assert.equal(await dialogOf(client, chat), undefined, 'the dialog is gone'));
      const { chats } = await client.call('messages.getChats', { id: [chatIdOf(t, chat)] });
      assert.deepEqual(chats.map((each) => each._), ['chatForbidden']);
      await expectError(client.call('messages.sendMessage', { peer: inputChat(chat), message: 'anybody?', random_id: randomId() }), /CHAT_WRITE_FORBIDDEN|CHAT_ID_INVALID/);
      await expectError(client.call('messages.addChatUser', { chat_id: -chat, user_id: await t.inputUser(client, c.id), fwd_limit: 0 }), 'CHAT_ID_INVALID');
    }
    await expectError(c.client.call('messages.addChatUser', { chat_id: -chat, user_id: { _: 'inputUserSelf' }, fwd_limit: 0 }), 'CHAT_ID_INVALID');
  }],
  ['group: random_id retry', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    const request = { message: unique('once'), random_id: randomId() };
    const id = (answer) => answer.id ?? answer.updates.find((u) => u._ === 'updateMessageID').id;
    const first = id(await raw(a.client, chat, 'messages.sendMessage', request));
    assert.equal(id(await raw(a.client, chat, 'messages.sendMessage', request)), first);
    await say(a, chat, [b], unique('twice'));
    for (const { client } of [a, b]) assert.equal((await history(client, chat)).filter((text) => text === request.message).length, 1);
  }],
  ['group: groups in common', async (t) => {
    const { a, b, c } = await trio(t);
    const { chat } = await open(a, [b]);
    const common = async (who, other) => (await who.client.call('messages.getCommonChats', { user_id: await t.inputUser(who.client, other.id), max_id: 0, limit: 100 })).chats.map((each) => -each.id);
    assert.ok((await common(a, b)).includes(chat));
    assert.ok((await common(b, a)).includes(chat));
    assert.ok(!(await common(a, c)).includes(chat));
    const counted = async (who, other) => (await who.client.call('users.getFullUser', { id: await t.inputUser(who.client, other.id) })).full_user.common_chats_count;
    assert.equal(await counted(a, b), (await common(a, b)).length);
    assert.equal(await counted(b, c), (await common(b, c)).length);
  }],
  ['group: protected content', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    const { received } = await say(a, chat, [b], unique('not to be forwarded'));
    await a.client.op('protect', { chat, enabled: true });
    await eventually(async () => assert.equal((await b.client.op('chat', { chat })).noforwards, true));
    await expectError(b.client.op('forward', { from: chat, ids: [received[0].id], to: 'me' }), 'CHAT_FORWARDS_RESTRICTED');
    await expectError(b.client.op('protect', { chat, enabled: false }), 'CHAT_ADMIN_REQUIRED');
    await a.client.op('protect', { chat, enabled: false });
    await eventually(async () => assert.ok(!(await b.client.op('chat', { chat })).noforwards));
    await b.client.op('forward', { from: chat, ids: [received[0].id], to: 'me' });
  }],
  ['group: messages with a period', async (t) => {
    const { a, b } = await trio(t);
    const { chat } = await open(a, [b]);
    const { updates } = await expecting([b], 'the notice of the period', (u) => notice(u, 'SetMessagesTTL')?.peer === chat, () => a.client.op('setTtl', { chat, period: 86_400 }));
    assert.equal(notice(updates[0]).action.period, 86_400);
    assert.equal((await fullChat(b.client, chat)).ttl_period, 86_400);
    await say(a, chat, [b], unique('for a day'));
    const [top] = await b.client.op('history', { peer: chat, limit: 1 });
    assert.equal(top.raw.ttl_period, 86_400);
    await expectError(b.client.op('setTtl', { chat, period: 0 }), 'CHAT_ADMIN_REQUIRED');
  }],
  ['group: who blocked is not added', async (t) => {
    const { a, b } = await trio(t);
    const other = await t.signUp('Shy');
    await t.introduce(a, other.client, other.id);
    await t.introduce(other, a.client, a.id);
    await other.client.call('contacts.block', { id: await other.client.op('inputPeer', { peer: a.id }) });
    const { id, missing } = await a.client.op('createGroup', { title: unique('group'), users: [b.id, other.id] });
    assert.deepEqual(missing, [other.id]);
    assert.deepEqual((await a.client.op('members', { chat: id })).map((member) => member.id).sort(), [a.id, b.id].sort());
    assert.deepEqual(await a.client.op('addMember', { chat: id, user: other.id }), [other.id]);
    assert.equal((await a.client.op('members', { chat: id })).length, 2);
  }],
];

/** A bare chat id in a vector, where JSON alone does not tell GramJS that it is a long. */
const chatIdOf = ({ library }, chat) => (library === 'gramjs' || library === 'teleproto' ? { $long: String(-chat) } : -chat);
