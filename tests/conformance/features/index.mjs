// What every client library must be able to do here, through its ordinary calls. One entry is one cell of the printed table.
// `t`: { library, traits, a, b, aId, bId, open(), signUp(), phone(), bLeaves(), bReturns(), server } — two signed-up people of the same library who know each other.
import assert from 'node:assert/strict';
import { incoming, isEdit, isRead, eventually, expectError, numbered } from './expect.mjs';

let serial = 0;
const unique = (what) => `${what} ${Date.now().toString(36)}${(serial += 1)}`;

/** Sends from one to the other and waits until both know it. @returns {sent, received} */
async function exchange(t, from, to, toId, text, options = {}) {
  const mark = to.mark();
  const sent = await from.op('send', { peer: toId, text, ...options });
  const update = await to.update((u) => incoming(u)?.text === text, `the message "${text}"`, 8000, mark);
  return { sent, received: incoming(update) };
}

export const features = [
  ['sign up, me', async (t) => {
    const me = await t.a.op('me');
    assert.equal(me.id, t.aId);
    assert.equal(me.first_name, t.aName);
    assert.equal(Boolean(me.self), true);
    assert.ok(me.phone.startsWith('99966'), 'own phone is visible');
  }],
  ['wrong code, wrong number', async (t) => {
    const stranger = await t.open();
    const phone = t.phone();
    await expectError(stranger.op('start', { phone, code: '00000', firstName: 'X' }), 'PHONE_CODE_INVALID');
    await expectError(stranger.op('start', { phone: '12', code: '00000', firstName: 'X' }), 'PHONE_NUMBER_INVALID');
    await expectError(stranger.call('messages.getPinnedDialogs', { folder_id: 0 }), 'AUTH_KEY_UNREGISTERED');
  }],
  ['code from the outbox', async (t) => {
    const client = await t.open();
    const phone = t.ordinaryPhone();
    const sent = await client.call('auth.sendCode', { phone_number: phone, api_id: 1, api_hash: '0'.repeat(32), settings: { _: 'codeSettings' } });
    assert.match(sent._, /sentCode$/i);
    const [newest] = await t.outbox(phone);
    assert.match(newest.code, /^\d{5}$/);
    const answer = await client.call('auth.signIn', { phone_number: phone, phone_code_hash: sent.phone_code_hash, phone_code: newest.code });
    assert.match(answer._, /authorizationSignUpRequired$/i);
    await expectError(client.call('auth.signUp', { phone_number: phone, phone_code_hash: sent.phone_code_hash, first_name: '', last_name: '' }), 'FIRSTNAME_INVALID');
    const authorization = await client.call('auth.signUp', { phone_number: phone, phone_code_hash: sent.phone_code_hash, first_name: 'Outbox', last_name: '' });
    assert.equal(authorization.user.first_name, 'Outbox');
  }],
  ['start-up queries', async (t) => {
    const config = await t.a.call('help.getConfig');
    assert.equal(config.this_dc, t.server.dc.id);
    assert.ok(config.dc_options.some((option) => option.id === t.server.dc.id && option.port === t.server.dc.port), 'dc_options lists this DC by its reachable port');
    assert.equal(config.revoke_pm_inbox, true);
    assert.equal((await t.a.call('help.getNearestDc')).this_dc, t.server.dc.id);
    await t.a.call('help.getAppConfig', { hash: 0 });
    await t.a.call('help.getCountriesList', { lang_code: 'en', hash: 0 });
    await t.a.call('account.getPassword');
    await t.a.call('account.getNotifySettings', { peer: { _: 'inputNotifyUsers' } });
    await t.a.call('account.updateStatus', { offline: false });
    await t.a.call('langpack.getLanguages', { lang_pack: 'tdesktop' });
    await t.a.call('messages.getDialogFilters');
    await t.a.call('updates.getState');
    const self = await t.a.call('users.getFullUser', { id: { _: 'inputUserSelf' } });
    assert.equal(self.full_user.id, t.aId);
  }],
  ['contacts: import, list, delete', async (t) => {
    const other = await t.signUp('Carol');
    const { id } = await t.a.op('importContact', { phone: other.phone, firstName: 'Caro', lastName: 'Saved' });
    assert.equal(id, other.id);
    const list = await t.a.call('contacts.getContacts', { hash: 0 });
    const saved = list.users.find((user) => user.id === other.id);
    assert.equal(saved.first_name, 'Caro');
    assert.equal(saved.last_name, 'Saved');
    assert.equal(saved.contact, true);
    await t.a.call('contacts.deleteContacts', { id: [await t.inputUser(t.a, other.id)] });
    const after = await t.a.call('contacts.getContacts', { hash: 0 });
    assert.ok(!after.users.some((user) => user.id === other.id));
    const none = await t.a.op('importContact', { phone: t.phone(), firstName: 'Nobody' });
    assert.equal(none.id, 0);
  }],
  ['contact joined notice', async (t) => {
    const phone = t.phone();
    await t.a.op('importContact', { phone, firstName: 'Later' });
    const mark = t.a.mark();
    const joined = await t.signUp('Later', phone);
    await t.a.update((u) => u.message?.action?._ === 'messageActionContactSignUp' && u.message.peer_id.user_id === joined.id, 'the joined notice', 8000, mark);
  }],
  ['username: set, resolve, clear', async (t) => {
    const name = `helio_${Date.now().toString(36)}${(serial += 1)}`;
    assert.equal(await t.b.call('account.checkUsername', { username: name }), true);
    const user = await t.b.call('account.updateUsername', { username: name });
    assert.equal(user.username, name);
    assert.equal((await t.a.op('resolve', { username: name })).id, t.bId);
    await expectError(t.a.call('account.updateUsername', { username: name }), 'USERNAME_OCCUPIED');
    await expectError(t.a.call('account.updateUsername', { username: '1x' }), 'USERNAME_INVALID');
    await t.b.call('account.updateUsername', { username: '' });
    await expectError(t.a.call('contacts.resolveUsername', { username: name }), 'USERNAME_NOT_OCCUPIED');
  }],
  ['profile seen by the other', async (t) => {
    const about = unique('about');
    await t.b.call('account.updateProfile', { first_name: 'Bobby', last_name: 'Tables', about });
    await eventually(async () => {
      const full = await t.a.call('users.getFullUser', { id: await t.inputUser(t.a, t.bId) });
      assert.equal(full.full_user.about, about);
    });
    await t.b.call('account.updateProfile', { first_name: t.bName, last_name: '' });
    await expectError(t.b.call('account.updateProfile', { first_name: '' }), 'FIRSTNAME_INVALID');
  }],
  ['send and receive', async (t) => {
    const { sent, received } = await exchange(t, t.a, t.b, t.bId, unique('hello'));
    assert.equal(sent.out, true);
    const back = await exchange(t, t.b, t.a, t.aId, unique('hi'));
    assert.ok(back.sent.id > received.id);
    const [top] = await t.b.op('history', { peer: t.aId, limit: 1 });
    assert.equal(top.id, back.sent.id);
  }],
  ['twenty at once, one order for both', async (t) => {
    const texts = Array.from({ length: 20 }, (_, index) => unique(`burst ${index}`));
    await Promise.all(texts.map((text) => t.a.op('send', { peer: t.bId, text })));
    const own = (await t.a.op('history', { peer: t.bId, limit: 20 })).map((m) => m.text);
    await eventually(async () => {
      const theirs = (await t.b.op('history', { peer: t.aId, limit: 20 })).map((m) => m.text);
      assert.deepEqual(theirs, own);
    });
    assert.deepEqual([...own].sort(), [...texts].sort());
    for (const text of texts) await t.b.update((u) => incoming(u)?.text === text, text);
  }],
  ['entities', async (t) => {
    const text = unique('bold link https://example.org #tag @someone_x');
    const { received } = await exchange(t, t.a, t.b, t.bId, text, { entities: [{ _: 'messageEntityBold', offset: 0, length: 4 }, { _: 'messageEntityTextUrl', offset: 5, length: 4, url: 'https://example.com/' }] });
    const kinds = received.entities.map((entity) => entity._);
    for (const kind of ['messageEntityBold', 'messageEntityTextUrl', 'messageEntityUrl', 'messageEntityHashtag', 'messageEntityMention']) assert.ok(kinds.includes(kind), `${kind} in ${kinds}`);
  }],
  ['reply', async (t) => {
    const { received } = await exchange(t, t.a, t.b, t.bId, unique('question'));
    const answer = await exchange(t, t.b, t.a, t.aId, unique('answer'), { replyTo: received.id });
    const [top, before] = await t.a.op('history', { peer: t.bId, limit: 2 });
    assert.equal(top.text, answer.received.text);
    assert.equal(top.reply_to, before.id);
  }],
  ['silent', async (t) => {
    const { received } = await exchange(t, t.a, t.b, t.bId, unique('quiet'), { silent: true });
    assert.equal(received.silent, true);
  }],
  ['edit', async (t) => {
    const { sent } = await exchange(t, t.a, t.b, t.bId, unique('draft'));
    const text = unique('final');
    const mark = t.b.mark();
    const edited = await t.a.op('edit', { peer: t.bId, id: sent.id, text });
    assert.equal(edited.text, text);
    assert.ok(edited.edited > 0);
    await t.b.update((u) => isEdit(u) && u.message.message === text, 'the edit', 8000, mark);
    await expectError(t.a.op('edit', { peer: t.bId, id: sent.id, text }), 'MESSAGE_NOT_MODIFIED');
    const [theirs] = await t.b.op('history', { peer: t.aId, limit: 1 });
    await expectError(t.b.op('edit', { peer: t.aId, id: theirs.id, text: 'mine' }), 'MESSAGE_AUTHOR_REQUIRED');
  }],
  ['delete for me, for both', async (t) => {
    const one = await exchange(t, t.a, t.b, t.bId, unique('only mine goes'));
    await t.a.op('remove', { peer: t.bId, ids: [one.sent.id], revoke: false });
    assert.ok(!(await t.a.op('history', { peer: t.bId, limit: 5 })).some((m) => m.id === one.sent.id));
    assert.ok((await t.b.op('history', { peer: t.aId, limit: 5 })).some((m) => m.id === one.received.id));
    const two = await exchange(t, t.a, t.b, t.bId, unique('both go'));
    const mark = t.b.mark();
    await t.a.op('remove', { peer: t.bId, ids: [two.sent.id], revoke: true });
    await t.b.update((u) => u._ === 'updateDeleteMessages' && u.messages.includes(two.received.id), 'the deletion', 8000, mark);
    assert.ok(!(await t.b.op('history', { peer: t.aId, limit: 5 })).some((m) => m.id === two.received.id));
  }],
  ['forward with its origin', async (t) => {
    const { received } = await exchange(t, t.a, t.b, t.bId, unique('pass it on'));
    const [copy] = await t.b.op('forward', { from: t.aId, ids: [received.id], to: 'me' });
    assert.equal(copy.text, received.text);
    assert.equal(copy.raw.fwd_from.from_id.user_id, t.aId);
  }],
  ['saved messages', async (t) => {
    const text = unique('note');
    const sent = await t.a.op('send', { peer: 'me', text });
    const [top] = await t.a.op('history', { peer: 'me', limit: 1 });
    assert.equal(top.id, sent.id);
    assert.equal(top.text, text);
  }],
  ['history paging', async (t) => {
    const peer = await t.stranger();
    for (let index = 0; index < 12; index += 1) await t.a.op('send', { peer: peer.id, text: `page ${index}` });
    const all = await t.a.op('history', { peer: peer.id, limit: 50 });
    assert.deepEqual(numbered(all), [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    const id = (index) => all.find((m) => m.text === `page ${index}`).id;
    assert.deepEqual(numbered(await t.a.op('history', { peer: peer.id, limit: 3, offsetId: id(6) })), [5, 4, 3]);
    assert.deepEqual(numbered(await t.a.op('history', { peer: peer.id, limit: 4, offsetId: id(6), addOffset: -2 })), [7, 6, 5, 4]);
    assert.deepEqual(numbered(await t.a.op('history', { peer: peer.id, limit: 3, offsetId: id(6), addOffset: 1 })), [4, 3, 2]);
    assert.deepEqual(numbered(await t.a.op('history', { peer: peer.id, limit: 20, minId: id(8) })), [11, 10, 9]);
    assert.deepEqual(numbered(await t.a.op('history', { peer: peer.id, limit: 20, maxId: id(2) })), [1, 0]);
    const raw = await t.a.call('messages.getHistory', { peer: await t.a.op('inputPeer', { peer: peer.id }), offset_id: 0, offset_date: 0, add_offset: 0, limit: 5, max_id: 0, min_id: 0, hash: 0 });
    assert.equal(raw.messages.length, 5);
    assert.equal(raw.count ?? 12, 12);
  }],
  ['dialogs, pins, order, unread mark', async (t) => {
    const peer = await t.stranger();
    await t.a.op('send', { peer: peer.id, text: 'for the list' });
    await exchange(t, t.a, t.b, t.bId, unique('list'));
    const of = async (id) => (await t.a.op('dialogs')).find((dialog) => dialog.peer === id);
    assert.ok(await of(peer.id));
    const input = await t.a.op('inputPeer', { peer: peer.id });
    await t.a.call('messages.toggleDialogPin', { pinned: true, peer: { _: 'inputDialogPeer', peer: input } });
    assert.equal((await of(peer.id)).pinned, true);
    assert.equal((await t.a.op('dialogs'))[0].peer, peer.id);
    const pinned = await t.a.call('messages.getPinnedDialogs', { folder_id: 0 });
    assert.deepEqual(pinned.dialogs.map((dialog) => dialog.peer.user_id), [peer.id]);
    await t.a.call('messages.toggleDialogPin', { peer: { _: 'inputDialogPeer', peer: input } });
    assert.equal((await of(peer.id)).pinned, false);
    await t.a.call('messages.markDialogUnread', { unread: true, peer: { _: 'inputDialogPeer', peer: input } });
    assert.equal((await of(peer.id)).mark, true);
    const peerDialogs = await t.a.call('messages.getPeerDialogs', { peers: [{ _: 'inputDialogPeer', peer: input }] });
    assert.equal(peerDialogs.dialogs[0].peer.user_id, peer.id);
  }],
  ['read marks and unread counts', async (t) => {
    const other = await t.signUp('Reader');
    await t.introduce(other, t.a, t.aId);
    const mark = t.a.mark();
    for (let index = 0; index < 3; index += 1) await other.client.op('send', { peer: t.aId, text: `unread ${index}` });
    await t.a.update((u) => incoming(u)?.text === 'unread 2', 'the third', 8000, mark);
    const dialog = (await t.a.op('dialogs')).find((d) => d.peer === other.id);
    assert.equal(dialog.unread, 3);
    const sender = other.client.mark();
    await t.a.op('read', { peer: other.id, maxId: dialog.top });
    await other.client.update((u) => isRead(u, 'Outbox') && u.peer.user_id === t.aId, 'the read mark', 8000, sender);
    assert.equal((await t.a.op('dialogs')).find((d) => d.peer === other.id).unread, 0);
    const theirs = (await other.client.op('dialogs')).find((d) => d.peer === t.aId);
    assert.equal(theirs.readOut, theirs.top);
  }],
  ['message pins', async (t) => {
    const { sent } = await exchange(t, t.a, t.b, t.bId, unique('pin me'));
    const mark = t.b.mark();
    await t.a.op('pin', { peer: t.bId, id: sent.id });
    await t.b.update((u) => u._ === 'updatePinnedMessages' && u.pinned, 'the pin', 8000, mark);
    const input = await t.a.op('inputPeer', { peer: t.bId });
    const found = await t.a.call('messages.search', { peer: input, q: '', filter: { _: 'inputMessagesFilterPinned' }, min_date: 0, max_date: 0, offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0, hash: 0 });
    assert.ok(found.messages.some((m) => m.id === sent.id && m.pinned));
    await t.a.op('pin', { peer: t.bId, id: sent.id, unpin: true });
  }],
  ['drafts', async (t) => {
    const input = await t.a.op('inputPeer', { peer: t.bId });
    const message = unique('unfinished');
    await t.a.call('messages.saveDraft', { peer: input, message });
    assert.equal((await t.a.op('dialogs')).find((d) => d.peer === t.bId).draft, message);
    await t.a.call('messages.saveDraft', { peer: input, message: '' });
    assert.equal((await t.a.op('dialogs')).find((d) => d.peer === t.bId).draft, '');
  }],
  ['clear history', async (t) => {
    const other = await t.signUp('Clearing');
    await t.introduce(other, t.a, t.aId);
    await exchange(t, other.client, t.a, t.aId, unique('to be cleared'));
    const input = await t.a.op('inputPeer', { peer: other.id });
    const affected = await t.a.call('messages.deleteHistory', { just_clear: true, peer: input, max_id: 0 });
    assert.equal(affected.offset, 0);
    assert.equal((await t.a.op('history', { peer: other.id, limit: 10 })).filter((m) => m.text?.startsWith('to be cleared')).length, 0);
    assert.equal((await other.client.op('history', { peer: t.aId, limit: 10 })).filter((m) => m.text?.startsWith('to be cleared')).length, 1);
    const theirs = await other.client.op('inputPeer', { peer: t.aId });
    await other.client.call('messages.deleteHistory', { revoke: true, peer: theirs, max_id: 0 });
    assert.equal((await other.client.op('history', { peer: t.aId, limit: 10 })).length, 0);
  }],
  ['search: in a chat, by sender, everywhere', async (t) => {
    const word = `zyx${Date.now().toString(36)}${(serial += 1)}`;
    await exchange(t, t.a, t.b, t.bId, `first ${word} here`);
    await exchange(t, t.b, t.a, t.aId, `second ${word.toUpperCase()}!`);
    const both = await t.a.op('search', { peer: t.bId, query: word });
    assert.equal(both.length, 2);
    const mine = await t.a.op('search', { peer: t.bId, query: word, fromUser: t.bId });
    assert.deepEqual(mine.map((m) => m.text), [`second ${word.toUpperCase()}!`]);
    const everywhere = await t.a.op('searchGlobal', { query: word });
    assert.equal(everywhere.length, 2);
    assert.equal((await t.a.op('search', { peer: t.bId, query: `${word}none` })).length, 0);
  }],
  ['typing and presence', async (t) => {
    const mark = t.b.mark();
    await t.a.op('typing', { peer: t.bId });
    await t.b.update((u) => u._ === 'updateUserTyping' && u.user_id === t.aId, 'typing', 8000, mark);
    const before = t.b.mark();
    await t.a.call('account.updateStatus', { offline: true });
    await t.a.call('account.updateStatus', { offline: false });
    await t.b.update((u) => u._ === 'updateUserStatus' && u.user_id === t.aId && u.status._ === 'userStatusOnline', 'presence', 8000, before);
  }],
  ['all devices of one person', async (t) => {
    const second = await t.open();
    await second.op('start', { phone: t.aPhone, code: t.code, firstName: 'unused' });
    const mark = second.mark();
    const text = unique('from the first device');
    await t.a.op('send', { peer: t.bId, text });
    const update = await second.update((u) => incoming(u)?.text === text, 'own message on the other device', 8000, mark);
    assert.equal(incoming(update).out, true);
    const sessions = await t.a.call('account.getAuthorizations');
    assert.ok(sessions.authorizations.length >= 2);
    assert.equal(sessions.authorizations.filter((s) => s.current).length, 1);
    const other = sessions.authorizations.find((s) => !s.current);
    assert.ok(other);
    await second.op('logOut');
    await eventually(async () => assert.ok((await t.a.call('account.getAuthorizations')).authorizations.length < sessions.authorizations.length));
  }],
  ['login code in the service chat', async (t) => {
    const person = await t.signUp('Coded', t.ordinaryPhone());
    const mark = person.client.mark();
    const second = await t.open();
    const sent = await second.call('auth.sendCode', { phone_number: person.phone, api_id: 1, api_hash: '0'.repeat(32), settings: { _: 'codeSettings' } });
    assert.match(sent.type._, /sentCodeTypeApp$/i);
    const update = await person.client.update((u) => incoming(u)?.peer === 777000, 'the code message', 8000, mark);
    const code = /\b(\d{5})\b/.exec(incoming(update).text)[1];
    const answer = await second.call('auth.signIn', { phone_number: person.phone, phone_code_hash: sent.phone_code_hash, phone_code: code });
    assert.equal(answer.user.id, person.id);
  }],
  ['recovery after being away', async (t) => {
    const { sent, received } = await exchange(t, t.a, t.b, t.bId, unique('before'));
    const state = await t.b.call('updates.getState');
    await t.bLeaves();
    const texts = Array.from({ length: 5 }, (_, index) => unique(`missed ${index}`));
    const ids = [];
    for (const text of texts) ids.push((await t.a.op('send', { peer: t.bId, text })).id);
    await t.a.op('edit', { peer: t.bId, id: ids[0], text: `${texts[0]} edited` });
    await t.a.op('remove', { peer: t.bId, ids: [sent.id], revoke: true });
    const mark = t.b.mark();
    await t.bReturns();
    if (t.traits.recovers) {
      for (const text of texts.slice(1)) await t.b.update((u) => incoming(u)?.text === text, `missed "${text}"`, 10_000, mark);
      await t.b.update((u) => (incoming(u)?.text ?? u.message?.message) === `${texts[0]} edited`, 'the edited one', 10_000, mark);
      // Telethon compares the pts of a difference's other updates with the state after it, and so drops them all; the difference below holds them.
      if (t.library !== 'telethon') await t.b.update((u) => u._ === 'updateDeleteMessages' && u.messages.includes(received.id), 'the missed deletion', 10_000, mark);
    }
    let { pts, date, qts } = state;
    const seen = [];
    const deleted = [];
    for (;;) {
      const difference = await t.b.call('updates.getDifference', { pts, date, qts });
      if (/differenceEmpty$/i.test(difference._)) break;
      seen.push(...difference.new_messages.map((m) => m.message));
      deleted.push(...difference.other_updates.filter((u) => u._ === 'updateDeleteMessages').flatMap((u) => u.messages));
      ({ pts, date, qts } = difference.state ?? difference.intermediate_state);
      if (difference.state) break;
    }
    assert.deepEqual(seen.filter((text) => text?.startsWith('missed')), [`${texts[0]} edited`, ...texts.slice(1)]);
    assert.ok(deleted.includes(received.id));
    assert.equal((await t.b.call('updates.getState')).pts, pts);
  }],
  ['random_id retry', async (t) => {
    const peer = await t.a.op('inputPeer', { peer: t.bId });
    const request = { peer, message: unique('once'), random_id: { $long: String(BigInt(Date.now()) * 1000n + BigInt((serial += 1))) } };
    const first = await t.a.call('messages.sendMessage', request);
    const second = await t.a.call('messages.sendMessage', request);
    const id = (answer) => answer.id ?? answer.updates.find((u) => u._ === 'updateMessageID').id;
    assert.equal(id(second), id(first));
    assert.equal((await t.a.op('history', { peer: t.bId, limit: 5 })).filter((m) => m.text === request.message).length, 1);
  }],
  ['errors leave the connection alive', async (t) => {
    const peer = await t.a.op('inputPeer', { peer: t.bId });
    const send = (params) => t.a.call('messages.sendMessage', { peer, message: 'x', random_id: { $long: String(Date.now() * 1000 + (serial += 1)) }, ...params });
    await expectError(send({ message: '' }), 'MESSAGE_EMPTY');
    await expectError(send({ message: '   \n ' }), 'MESSAGE_EMPTY');
    await expectError(send({ message: 'y'.repeat(4097) }), 'MESSAGE_TOO_LONG');
    await expectError(send({ peer: { ...peer, access_hash: 12345 } }), 'PEER_ID_INVALID');
    await expectError(t.a.call('messages.editMessage', { peer, id: 2_000_000_000, message: 'no' }), 'MESSAGE_ID_INVALID');
    await expectError(t.a.call('contacts.resolveUsername', { username: 'nobody_has_this_name' }), 'USERNAME_NOT_OCCUPIED');
    await expectError(t.a.call('account.getAccountTTL'), 'NOT_IMPLEMENTED');
    await send({ message: unique('still here') });
  }],
  ['blocking', async (t) => {
    const other = await t.signUp('Blocked');
    await t.introduce(other, t.a, t.aId);
    await exchange(t, other.client, t.a, t.aId, unique('before the block'));
    await t.a.call('contacts.block', { id: await t.a.op('inputPeer', { peer: other.id }) });
    const text = unique('into the void');
    await other.client.op('send', { peer: t.aId, text });
    await expectError(t.a.op('send', { peer: other.id, text: 'no' }), 'YOU_BLOCKED_USER');
    assert.ok(!(await t.a.op('history', { peer: other.id, limit: 5 })).some((m) => m.text === text));
    await t.a.call('contacts.unblock', { id: await t.a.op('inputPeer', { peer: other.id }) });
    await exchange(t, other.client, t.a, t.aId, unique('after the block'));
  }],
  ['authorization exported and imported', async (t) => {
    const where = t.server.otherDc ?? t.server.dc;
    const exported = await t.a.call('auth.exportAuthorization', { dc_id: where.id });
    const elsewhere = await t.open({ dc: where });
    await expectError(elsewhere.call('auth.importAuthorization', { id: { $long: String(exported.id) }, bytes: { $bytes: Buffer.alloc(64).toString('base64') } }), 'AUTH_BYTES_INVALID');
    const answer = await elsewhere.call('auth.importAuthorization', { id: { $long: String(exported.id).replace('n', '') }, bytes: exported.bytes });
    assert.equal(answer.user.id, t.aId);
    assert.equal((await elsewhere.call('users.getUsers', { id: [{ _: 'inputUserSelf' }] }))[0].id, t.aId);
  }],
  ['session ended from another device', async (t) => {
    const person = await t.signUp('Two devices');
    const second = await t.open();
    await second.op('start', { phone: person.phone, code: t.code, firstName: 'x' });
    const sessions = await second.call('account.getAuthorizations');
    const other = sessions.authorizations.find((s) => !s.current);
    // A session that has just logged in may not end older ones (FRESH_RESET_AUTHORISATION_FORBIDDEN); the older one may end it.
    const own = await person.client.call('account.getAuthorizations');
    const fresh = own.authorizations.find((s) => !s.current);
    assert.ok(other && fresh);
    await person.client.call('account.resetAuthorization', { hash: { $long: String(fresh.hash).replace('n', '') } });
    await eventually(async () => {
      await expectError(second.call('updates.getState'), /AUTH_KEY_UNREGISTERED|SESSION_REVOKED|AUTH_KEY_INVALID|no answer|onnect|closed/);
    });
  }],
  ['every transport', async (t) => {
    for (const transport of t.traits.transports) {
      const client = await t.open({ transport });
      await client.op('start', { phone: t.phone(), code: t.code, firstName: `Over ${transport}` });
      await client.op('send', { peer: 'me', text: `over ${transport}` });
      const [top] = await client.op('history', { peer: 'me', limit: 1 });
      assert.equal(top.text, `over ${transport}`);
      await client.close();
    }
    if (t.traits.pfs) {
      const client = await t.open({ pfs: true });
      await client.op('start', { phone: t.phone(), code: t.code, firstName: 'Temporary key' });
      await client.op('send', { peer: 'me', text: 'under a temporary key' });
      await client.close();
    }
  }],
  ['log out', async (t) => {
    const person = await t.signUp('Leaving');
    await person.client.op('logOut');
    const again = await t.open();
    const { id } = await again.op('start', { phone: person.phone, code: t.code, firstName: 'x' });
    assert.equal(id, person.id);
  }],
];
