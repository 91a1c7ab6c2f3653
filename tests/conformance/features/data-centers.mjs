// What holds between two data centers. These run when the system has more than one.
import assert from 'node:assert/strict';
import { eventually, expectError, incoming, isEdit, isRead, notice, peerId } from './expect.mjs';

let serial = 0;
const unique = (what) => `${what} ${Date.now().toString(36)}${(serial += 1)}`;

/** Somebody whose home is the other data center, who knows `t.a` and is known to them. */
async function faraway(t, firstName = 'Faraway') {
  const { otherDc } = t.server;
  const person = await t.signUp(firstName, t.phone(otherDc), { dc: otherDc });
  await t.introduce({ client: t.a }, person.client, person.id);
  await t.introduce(person, t.a, t.aId);
  return person;
}

async function exchange(from, to, toId, text, options = {}) {
  const mark = to.mark();
  const sent = await from.op('send', { peer: toId, text, ...options });
  const update = await to.update((u) => incoming(u)?.text === text, `the message "${text}"`, 8000, mark);
  return { sent, received: incoming(update) };
}

/** Features of libraries whose driver can begin elsewhere. */
const migrating = (feature) => async (t) => (t.traits.migrates ? feature(t) : undefined);

export const dataCenterFeatures = [
  ['the configuration lists every data center', async (t) => {
    const { dc, dcs } = t.server;
    const config = await t.a.call('help.getConfig');
    assert.equal(config.this_dc, dc.id);
    for (const each of dcs) {
      const options = config.dc_options.filter((option) => option.id === each.id);
      assert.ok(options.some((option) => option.ip_address === each.host && option.port === each.port && !option.media_only && !option.cdn), `an address of DC ${each.id}`);
      assert.ok(options.some((option) => option.media_only), `an address for files of DC ${each.id}`);
    }
    const nearest = await t.a.call('help.getNearestDc');
    assert.deepEqual([nearest.this_dc, nearest.nearest_dc], [dc.id, dc.id]);
  }],
  ['signs up from the wrong data center', migrating(async (t) => {
    const client = await t.open({ dc: t.server.otherDc });
    const { id } = await client.op('start', { phone: t.phone(), code: t.code, firstName: 'Migrated' });
    assert.equal(id % 32, t.server.dc.id, 'the account is at home');
    assert.equal(await client.op('dcId'), t.server.dc.id, 'the library went there');
    const text = unique('from home');
    await client.op('send', { peer: 'me', text });
    assert.equal((await client.op('history', { peer: 'me', limit: 1 }))[0].text, text);
  })],
  ['logs in from the wrong data center', migrating(async (t) => {
    const person = await t.signUp('At home');
    const second = await t.open({ dc: t.server.otherDc });
    const { id } = await second.op('start', { phone: person.phone, code: t.code, firstName: 'unused' });
    assert.equal(id, person.id);
    assert.equal(await second.op('dcId'), t.server.dc.id);
    assert.equal((await person.client.call('account.getAuthorizations')).authorizations.length, 2);
  })],
  ['an imported login is sent home for what only the home knows', migrating(async (t) => {
    const person = await t.signUp('Exporting');
    const exported = await person.client.call('auth.exportAuthorization', { dc_id: t.server.otherDc.id });
    const elsewhere = await t.open({ dc: t.server.otherDc });
    await elsewhere.call('auth.importAuthorization', { id: { $long: String(exported.id) }, bytes: exported.bytes });
    await elsewhere.call('help.getConfig');
    // The library follows USER_MIGRATE and meets its home, where this key has no login.
    await expectError(elsewhere.call('messages.getPinnedDialogs', { folder_id: 0 }), 'AUTH_KEY_UNREGISTERED');
    assert.equal(await elsewhere.op('dcId'), t.server.dc.id);
  })],
  ['an imported login ends with the one it came from', async (t) => {
    const person = await t.signUp('Leaving');
    const exported = await person.client.call('auth.exportAuthorization', { dc_id: t.server.otherDc.id });
    const late = await person.client.call('auth.exportAuthorization', { dc_id: t.server.otherDc.id });
    const elsewhere = await t.open({ dc: t.server.otherDc });
    await elsewhere.call('auth.importAuthorization', { id: { $long: String(exported.id) }, bytes: exported.bytes });
    assert.equal((await elsewhere.call('users.getUsers', { id: [{ _: 'inputUserSelf' }] }))[0].id, person.id);
    await person.client.op('logOut');
    await eventually(() => expectError(elsewhere.call('users.getUsers', { id: [{ _: 'inputUserSelf' }] }), /AUTH_KEY_UNREGISTERED|no answer|onnect|closed/));
    const another = await t.open({ dc: t.server.otherDc });
    await expectError(another.call('auth.importAuthorization', { id: { $long: String(late.id) }, bytes: late.bytes }), 'AUTH_BYTES_INVALID');
  }],
  ['messages, edits, replies and deletions cross', async (t) => {
    const far = await faraway(t);
    const there = await exchange(t.a, far.client, far.id, unique('over there'));
    const back = await exchange(far.client, t.a, t.aId, unique('and back'), { replyTo: there.received.id });
    assert.equal((await t.a.op('history', { peer: far.id, limit: 1 }))[0].reply_to, there.sent.id);
    const mark = far.client.mark();
    const edited = unique('edited');
    await t.a.op('edit', { peer: far.id, id: there.sent.id, text: edited });
    await far.client.update((u) => isEdit(u) && u.message.message === edited, 'the edit', 8000, mark);
    await far.client.op('remove', { peer: t.aId, ids: [back.sent.id], revoke: true });
    await eventually(async () => assert.deepEqual((await t.a.op('history', { peer: far.id, limit: 5 })).map((m) => m.text), [edited]));
  }],
  ['one order on both sides of the data centers', async (t) => {
    const far = await faraway(t);
    const texts = Array.from({ length: 40 }, (_, index) => unique(`burst ${index}`));
    await Promise.all(texts.map((text, index) => (index % 2 === 0 ? t.a.op('send', { peer: far.id, text }) : far.client.op('send', { peer: t.aId, text }))));
    const read = async (client, peer) => (await client.op('history', { peer, limit: 50 })).map((m) => m.text);
    await eventually(async () => {
      const [mine, theirs] = [await read(t.a, far.id), await read(far.client, t.aId)];
      assert.deepEqual([...mine].sort(), [...texts].sort());
      assert.deepEqual([...theirs].sort(), [...texts].sort());
      // Each side's own messages stand in the order in which that side sent them, on both sides.
      for (const half of [0, 1]) {
        const own = (list) => list.filter((text) => texts.indexOf(text) % 2 === half);
        assert.deepEqual(own(mine), own(theirs));
      }
    });
  }],
  ['read marks and unread counts cross', async (t) => {
    const far = await faraway(t);
    for (let index = 0; index < 3; index += 1) await exchange(far.client, t.a, t.aId, unique(`unread ${index}`));
    const dialog = (await t.a.op('dialogs')).find((d) => d.peer === far.id);
    assert.equal(dialog.unread, 3);
    const mark = far.client.mark();
    await t.a.op('read', { peer: far.id, maxId: dialog.top });
    await far.client.update((u) => isRead(u, 'Outbox') && u.peer.user_id === t.aId, 'the read mark', 8000, mark);
  }],
  ['search finds both sides of a chat between data centers', async (t) => {
    const far = await faraway(t);
    const word = `xyz${Date.now().toString(36)}${(serial += 1)}`;
    await exchange(t.a, far.client, far.id, `mine ${word}`);
    await exchange(far.client, t.a, t.aId, `theirs ${word}`);
    for (const [client, peer] of [[t.a, far.id], [far.client, t.aId]]) {
      assert.equal((await client.op('search', { peer, query: word })).length, 2);
    }
    assert.equal((await t.a.op('searchGlobal', { query: word })).length, 2);
  }],
  ['typing and presence cross', async (t) => {
    const far = await faraway(t);
    const mark = t.a.mark();
    await far.client.op('typing', { peer: t.aId });
    await t.a.update((u) => u._ === 'updateUserTyping' && u.user_id === far.id, 'typing', 8000, mark);
    const before = t.a.mark();
    await far.client.call('account.updateStatus', { offline: true });
    await far.client.call('account.updateStatus', { offline: false });
    await t.a.update((u) => u._ === 'updateUserStatus' && u.user_id === far.id && u.status._ === 'userStatusOnline', 'presence', 8000, before);
  }],
  ['contacts, names and usernames cross', async (t) => {
    const far = await faraway(t, 'Distant');
    // What changed there a moment ago is on its way.
    await eventually(async () => {
      const contacts = await t.a.call('contacts.getContacts', { hash: 0 });
      assert.equal(contacts.contacts.find((contact) => contact.user_id === far.id).mutual, true);
      const user = contacts.users.find((candidate) => candidate.id === far.id);
      assert.deepEqual([user.first_name, user.contact, user.mutual_contact, user.phone], ['Known', true, true, far.phone]);
    });
    const about = unique('about');
    await far.client.call('account.updateProfile', { about });
    await eventually(async () => {
      const full = await t.a.call('users.getFullUser', { id: await t.inputUser(t.a, far.id) });
      assert.equal(full.full_user.about, about);
    });
    const name = `far_${Date.now().toString(36)}${(serial += 1)}`;
    await far.client.call('account.updateUsername', { username: name });
    await expectError(t.a.call('account.updateUsername', { username: name }), 'USERNAME_OCCUPIED');
    assert.equal((await t.b.op('resolve', { username: name })).id, far.id);
    await far.client.call('contacts.deleteContacts', { id: [await t.inputUser(far.client, t.aId)] });
    await eventually(async () => assert.equal(Boolean((await t.a.call('contacts.getContacts', { hash: 0 })).contacts.find((contact) => contact.user_id === far.id).mutual), false));
  }],
  ['who joins elsewhere is announced', async (t) => {
    const { otherDc } = t.server;
    const phone = t.phone(otherDc);
    await t.a.op('importContact', { phone, firstName: 'Later' });
    const mark = t.a.mark();
    const joined = await t.signUp('Later', phone, { dc: otherDc });
    await t.a.update((u) => u.message?.action?._ === 'messageActionContactSignUp' && u.message.peer_id.user_id === joined.id, 'the joined notice', 8000, mark);
  }],
  ['blocking reaches over', async (t) => {
    const far = await faraway(t);
    await exchange(far.client, t.a, t.aId, unique('before the block'));
    await t.a.call('contacts.block', { id: await t.a.op('inputPeer', { peer: far.id }) });
    const text = unique('into the void');
    await far.client.op('send', { peer: t.aId, text });
    await far.client.op('typing', { peer: t.aId });
    await expectError(t.a.op('send', { peer: far.id, text: 'no' }), 'YOU_BLOCKED_USER');
    await t.a.call('contacts.unblock', { id: await t.a.op('inputPeer', { peer: far.id }) });
    await exchange(far.client, t.a, t.aId, unique('after the block'));
    assert.ok(!(await t.a.op('history', { peer: far.id, limit: 9 })).some((m) => m.text === text));
    assert.equal((await far.client.op('history', { peer: t.aId, limit: 2 })).length, 2);
  }],
  ['a group with members in both data centers', async (t) => {
    const far = await faraway(t);
    const { id: chat } = await t.a.op('createGroup', { title: unique('across'), users: [t.bId, far.id] });
    await far.client.update((u) => notice(u, 'ChatCreate')?.peer === chat, 'the new group');
    const say = async (from, others, text) => {
      const marks = others.map((client) => client.mark());
      const sent = await from.op('send', { peer: chat, text });
      return [sent, await Promise.all(others.map(async (client, index) => incoming(await client.update((u) => incoming(u)?.text === text, text, 8000, marks[index]))))];
    };
    const [sent, [received]] = await say(far.client, [t.a, t.b], unique('from afar'));
    await say(t.b, [t.a, far.client], unique('from here'));
    const text = unique('edited afar');
    const mark = t.b.mark();
    await far.client.op('edit', { peer: chat, id: sent.id, text });
    await t.b.update((u) => isEdit(u) && u.message.message === text, 'the edit', 8000, mark);
    const reading = far.client.mark();
    await t.a.op('read', { peer: chat, maxId: received.id });
    await far.client.update((u) => isRead(u, 'Outbox') && peerId(u.peer) === chat, 'the read mark', 8000, reading);
    const title = unique('renamed afar');
    const renaming = t.a.mark();
    await far.client.op('setTitle', { chat, title });
    await t.a.update((u) => notice(u, 'ChatEditTitle')?.action.title === title, 'the title', 8000, renaming);
    assert.equal((await t.a.op('chat', { chat })).title, title);
    assert.deepEqual((await far.client.op('members', { chat })).map((member) => member.id).sort(), [t.aId, t.bId, far.id].sort());
    await far.client.op('typing', { peer: chat });
    await t.b.update((u) => u._ === 'updateChatUserTyping' && u.chat_id === -chat, 'typing', 8000);
    // By a link, from the other data center.
    const joining = await t.signUp('Joining afar', t.phone(t.server.otherDc), { dc: t.server.otherDc });
    const { link } = await t.a.op('createLink', { chat });
    assert.equal((await joining.client.op('previewLink', { link })).title, title);
    assert.equal((await joining.client.op('join', { link })).id, chat);
    await say(joining.client, [t.a, t.b, far.client], unique('joined'));
    const removal = far.client.mark();
    await t.a.op('removeMember', { chat, user: far.id });
    await far.client.update((u) => notice(u, 'ChatDeleteUser')?.peer === chat, 'the removal', 8000, removal);
    await expectError(far.client.op('send', { peer: chat, text: 'gone' }), /CHAT_WRITE_FORBIDDEN|USER_NOT_PARTICIPANT|PEER_ID_INVALID/);
  }],
  ['a supergroup with members in both data centers', async (t) => {
    const far = await faraway(t);
    const { id: chat } = await t.a.op('createChannel', { title: unique('wide'), broadcast: false });
    const toldOf = (u) => u._ === 'updateChannel' && peerId(u) === chat;
    for (const [client, id] of [[t.b, t.bId], [far.client, far.id]]) {
      const mark = client.mark();
      await t.a.op('addMember', { chat, user: id });
      await client.update(toldOf, 'the channel', 8000, mark);
    }
    const say = async (from, others, text) => {
      const marks = others.map((client) => client.mark());
      const sent = await from.op('send', { peer: chat, text });
      for (const [index, client] of others.entries()) assert.equal(incoming(await client.update((u) => incoming(u)?.text === text, text, 8000, marks[index])).id, sent.id);
      return sent;
    };
    const sent = await say(far.client, [t.a, t.b], unique('from afar'));
    const here = await say(t.b, [t.a, far.client], unique('from here'));
    const text = unique('edited afar');
    const mark = t.b.mark();
    await far.client.op('edit', { peer: chat, id: sent.id, text });
    await t.b.update((u) => isEdit(u) && u.message.message === text, 'the edit', 8000, mark);
    const read = async (client) => (await client.op('history', { peer: chat, limit: 2 })).map((message) => message.text);
    for (const client of [t.a, t.b, far.client]) assert.deepEqual(await read(client), [here.text, text]);
    const word = text.split(' ').pop();
    for (const client of [t.a, far.client]) assert.equal((await client.op('search', { peer: chat, query: word })).length, 1);
    const reading = t.b.mark();
    await far.client.op('read', { peer: chat, maxId: here.id });
    await t.b.update((u) => u._ === 'updateReadChannelOutbox' && peerId(u) === chat, 'the read mark', 8000, reading);
    const dialog = async () => (await far.client.op('dialogs')).find((each) => each.peer === chat);
    assert.deepEqual([(await dialog()).top, (await dialog()).unread], [here.id, 0]);
    const username = `wide_${Date.now().toString(36)}${(serial += 1)}`;
    await t.a.op('setUsername', { chat, username });
    const joining = await t.signUp('Joining afar', t.phone(t.server.otherDc), { dc: t.server.otherDc });
    assert.equal((await joining.client.op('joinPublic', { username })).id, chat);
    await say(joining.client, [t.a, t.b, far.client], unique('joined'));
    const banning = far.client.mark();
    await t.a.op('ban', { chat, user: far.id });
    await far.client.update(toldOf, 'the ban', 8000, banning);
    await say(t.a, [t.b, joining.client], unique('without them'));
    await expectError(far.client.op('send', { peer: chat, text: 'gone' }), /CHANNEL_PRIVATE|CHANNEL_INVALID|USER_BANNED_IN_CHANNEL|private/i);
    assert.ok(!far.client.updates.slice(banning).some((u) => incoming(u)?.text?.startsWith('without them')));
  }],
];
