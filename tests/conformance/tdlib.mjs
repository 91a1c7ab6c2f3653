// TDLib, the library of Telegram's own apps, as an oracle: it checks what it is told (counters, gaps, peers that were never
// introduced, fields that contradict each other) and names every inconsistency in its log. The scenario passes when its steps do
// and the log stays empty at verbosity 1, but for the differences from Telegram that are deliberate.
//   node tdlib.mjs               TDLIB_VERBOSITY=4 prints TDLib's log; TDLIB_STEPS='word|word' runs the steps that have one of these in their titles
// Supergroups and channels: tdlib-channels.mjs.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Driver } from './driver.mjs';
import { eventually, incoming, isRead, notice, peerId } from './features/expect.mjs';
import { isIsolated, reenterIsolated } from './netns.mjs';
import { channelSteps } from './tdlib-channels.mjs';
import { installTdlib, loadPatchedTdlib } from './tdlib-library.mjs';
import { startStandalone } from '../../libs/testing/dist/standalone.js';

if (!isIsolated()) {
  installTdlib();
  await reenterIsolated();
}

const UPDATE_TIMEOUT_MS = 15_000;
const secret = randomBytes(16).toString('hex');
const folder = mkdtempSync(join(tmpdir(), 'heliograph-tdlib-'));
const system = await startStandalone({ env: { HELIOGRAPH_GATEWAY_SECRET: secret } });
const document = await system.connect();
const dc = document.dcs[0];
const code = String(dc.id).repeat(5);
const tdl = loadPatchedTdlib(dc.publicKey, folder);
const log = [];
tdl.setLogMessageCallback(Number(process.env.TDLIB_VERBOSITY ?? 1), (level, message) => {
  if (process.env.TDLIB_VERBOSITY) process.stderr.write(message);
  if (level <= 1) log.push(message.trim());
});

/** One TDLib instance with its database, and everything that it reported. */
class Instance {
  updates = [];
  #listeners = new Set();

  constructor(name) {
    this.name = name;
    this.client = tdl.createClient({
      apiId: 1, apiHash: '0'.repeat(32), databaseDirectory: join(folder, name, 'db'), filesDirectory: join(folder, name, 'files'),
      tdlibParameters: { use_message_database: true, use_chat_info_database: true, use_file_database: true, use_secret_chats: false, system_language_code: 'en', device_model: 'Conformance', application_version: '1' },
    });
    this.client.on('error', (error) => log.push(`${name}: ${error.message ?? JSON.stringify(error)}`));
    this.client.on('update', (update) => {
      this.updates.push(update);
      for (const listener of this.#listeners) listener(update);
    });
  }

  call(method, params = {}) {
    return this.client.invoke({ _: method, ...params }).catch((error) => {
      throw new Error(`${this.name} ${method} ${JSON.stringify(params).slice(0, 100)}: ${error.code ?? ''} ${error.message ?? error}`);
    });
  }

  mark() {
    return this.updates.length;
  }

  /** The first update since `from` that satisfies `test`. */
  update(test, what, from = 0) {
    const found = this.updates.slice(from).find(test);
    if (found) return Promise.resolve(found);
    return new Promise((done, failed) => {
      const listener = (update) => {
        if (!test(update)) return;
        clearTimeout(timer);
        this.#listeners.delete(listener);
        done(update);
      };
      const timer = setTimeout(() => {
        this.#listeners.delete(listener);
        failed(new Error(`${this.name}: ${what} did not arrive; had ${[...new Set(this.updates.slice(from).map((update) => update._))].join(', ')}`));
      }, UPDATE_TIMEOUT_MS);
      this.#listeners.add(listener);
    });
  }

  state(name, from = 0) {
    return this.update((update) => update._ === 'updateAuthorizationState' && update.authorization_state._ === `authorizationState${name}`, name, from);
  }

  async viaProxy() {
    await this.call('addProxy', { enable: true, proxy: { _: 'proxy', server: dc.host, port: dc.port, type: { _: 'proxyTypeMtproto', secret } } });
  }

  async signUp(phone, firstName) {
    await this.state('WaitPhoneNumber');
    await this.viaProxy();
    await this.call('setAuthenticationPhoneNumber', { phone_number: phone });
    await this.state('WaitCode');
    await this.call('checkAuthenticationCode', { code });
    await this.state('WaitRegistration');
    await this.call('registerUser', { first_name: firstName, last_name: 'Tdlib', disable_notification: false });
    await this.state('Ready');
    return this.call('getMe');
  }

  close() {
    return this.client.close();
  }
}

const text = (body) => ({ _: 'inputMessageText', text: { _: 'formattedText', text: body, entities: [] }, clear_draft: true });
const bodyOf = (message) => message?.content?.text?.text;
const newMessage = (body) => (update) => update._ === 'updateNewMessage' && bodyOf(update.message) === body;

const results = [];
const only = process.env.TDLIB_STEPS?.split('|');
async function step(title, task) {
  if (only && !only.some((word) => title.includes(word))) return;
  const started = Date.now();
  const before = log.length;
  try {
    await task();
    results.push({ title, ok: true });
  } catch (error) {
    results.push({ title, ok: false });
    console.log(`      ${error.message.slice(0, 800)}\n      ${/\S+\.mjs:\d+/.exec(error.stack ?? '')?.[0] ?? ''}`);
  }
  console.log(`${results.at(-1).ok ? 'pass' : 'FAIL'}  tdlib      ${title} (${Date.now() - started} ms)`);
  for (const line of log.slice(before)) console.log(`      log: ${line.slice(0, 600)}`);
}

/** TDLib's message ids are the server's shifted by 20 bits. */
const serverId = (id) => Math.floor(id / 2 ** 20);
/** A message that this instance sent, once the server has it. */
async function send(instance, chatId, body, extra = {}) {
  const from = instance.mark();
  const message = await instance.call('sendMessage', { chat_id: chatId, input_message_content: text(body), ...extra });
  const sent = await instance.update((update) => (update._ === 'updateMessageSendSucceeded' || update._ === 'updateMessageSendFailed') && update.old_message_id === message.id, `the send of "${body}"`, from);
  if (sent._ === 'updateMessageSendFailed') throw new Error(`sending "${body}" failed: ${sent.error?.message}`);
  return sent.message;
}

let alice = new Instance('alice');
const bob = new Driver('mtcute', 'mtcute#1');
const people = {};

await step('sign up on the data center of the phone', async () => {
  people.alicePhone = `99966${dc.id}0001`;
  people.alice = await alice.signUp(people.alicePhone, 'Alice');
  assert.equal(people.alice.first_name, 'Alice');
  assert.equal(people.alice.phone_number, people.alicePhone);
  await bob.op('connect', { dc });
  const bobPhone = `99966${dc.id}0002`;
  people.bob = await bob.op('start', { phone: bobPhone, code, firstName: 'Bob' });
  people.bobPhone = bobPhone;
});

await step('load chats', async () => {
  await alice.call('loadChats', { chat_list: { _: 'chatListMain' }, limit: 50 }).catch((error) => assert.match(error.message, /404/));
  await alice.call('getChats', { chat_list: { _: 'chatListMain' }, limit: 50 });
});

await step('import a contact, open the chat', async () => {
  const imported = await alice.call('importContacts', { contacts: [{ _: 'importedContact', phone_number: people.bobPhone, first_name: 'Bob', last_name: 'Saved' }] });
  assert.deepEqual(imported.user_ids, [people.bob.id]);
  people.chat = await alice.call('createPrivateChat', { user_id: people.bob.id, force: false });
  assert.equal(people.chat.title, 'Bob Saved');
  await alice.call('openChat', { chat_id: people.chat.id });
  const full = await alice.call('getUserFullInfo', { user_id: people.bob.id });
  assert.equal(full._, 'userFullInfo');
  await bob.op('importContact', { phone: people.alicePhone, firstName: 'Alice' });
});

await step('send, receive, read marks of both sides', async () => {
  const mark = bob.mark();
  const sent = await send(alice, people.chat.id, 'from TDLib');
  const received = incoming(await bob.update((update) => incoming(update)?.text === 'from TDLib', 'the message', 8000, mark));
  assert.equal(received.id > 0, true);
  const from = alice.mark();
  await bob.op('read', { peer: people.alice.id, maxId: received.id });
  const read = await alice.update((update) => update._ === 'updateChatReadOutbox' && update.chat_id === people.chat.id, 'the read mark', from);
  assert.equal(read.last_read_outbox_message_id, sent.id);
  const answered = alice.mark();
  await bob.op('send', { peer: people.alice.id, text: 'from mtcute' });
  const { message } = await alice.update(newMessage('from mtcute'), 'the answer', answered);
  const bobsMark = bob.mark();
  await alice.call('viewMessages', { chat_id: people.chat.id, message_ids: [message.id], source: { _: 'messageSourceChatHistory' }, force_read: true });
  await bob.update((update) => isRead(update, 'Outbox'), 'the read mark', 8000, bobsMark);
  await eventually(async () => assert.equal((await alice.call('getChat', { chat_id: people.chat.id })).unread_count, 0));
});

await step('entities, reply, silent, forward to oneself', async () => {
  const sent = await send(alice, people.chat.id, 'bold and https://example.org', { options: { _: 'messageSendOptions', disable_notification: true } });
  assert.ok(sent.content.text.entities.some((entity) => entity.type._ === 'textEntityTypeUrl'));
  const reply = await send(alice, people.chat.id, 'a reply', { reply_to: { _: 'inputMessageReplyToMessage', message_id: sent.id } });
  assert.equal(reply.reply_to.message_id, sent.id);
  const me = await alice.call('createPrivateChat', { user_id: people.alice.id, force: false });
  const from = alice.mark();
  await alice.call('forwardMessages', { chat_id: me.id, from_chat_id: people.chat.id, message_ids: [sent.id], send_copy: false, remove_caption: false });
  const { message } = await alice.update((update) => update._ === 'updateMessageSendSucceeded' && update.message.chat_id === me.id, 'the forward', from);
  assert.equal(message.forward_info.origin.sender_user_id, people.alice.id);
});

await step('Saved Messages by what they are from', async () => {
  const chat_id = people.chat.id;
  await alice.call('loadSavedMessagesTopics', { limit: 10 });
  const { topic } = await alice.update((update) => update._ === 'updateSavedMessagesTopic' && update.topic.type.chat_id === chat_id, 'the topic of the chat with Bob');
  assert.equal(topic.type._, 'savedMessagesTopicTypeSavedFromChat');
  const { messages } = await alice.call('getSavedMessagesTopicHistory', { saved_messages_topic_id: topic.id, from_message_id: 0, offset: 0, limit: 10 });
  assert.deepEqual(messages.map(bodyOf), ['bold and https://example.org']);
  const from = alice.mark();
  await alice.call('toggleSavedMessagesTopicIsPinned', { saved_messages_topic_id: topic.id, is_pinned: true });
  await alice.update((update) => update._ === 'updateSavedMessagesTopic' && update.topic.id === topic.id && update.topic.is_pinned, 'the pin', from);
  const kept = alice.mark();
  await alice.call('deleteSavedMessagesTopicHistory', { saved_messages_topic_id: topic.id });
  await alice.update((update) => update._ === 'updateDeleteMessages' && update.message_ids.includes(messages[0].id), 'the deletion', kept);
});

await step('twenty at once, one order', async () => {
  const texts = Array.from({ length: 20 }, (_, index) => `burst ${index}`);
  await Promise.all(texts.map((body) => send(alice, people.chat.id, body)));
  const theirs = (await bob.op('history', { peer: people.alice.id, limit: 20 })).map((message) => message.text).reverse();
  assert.deepEqual(theirs, texts);
});

await step('edit on both sides', async () => {
  const sent = await send(alice, people.chat.id, 'to be edited');
  const mark = bob.mark();
  await alice.call('editMessageText', { chat_id: people.chat.id, message_id: sent.id, input_message_content: text('edited by TDLib') });
  await bob.update((update) => update._ === 'updateEditMessage' && update.message.message === 'edited by TDLib', 'the edit', 8000, mark);
  const from = alice.mark();
  const theirs = await bob.op('send', { peer: people.alice.id, text: 'bob writes' });
  const { message } = await alice.update(newMessage('bob writes'), 'the message', from);
  await alice.call('viewMessages', { chat_id: people.chat.id, message_ids: [message.id], source: { _: 'messageSourceChatHistory' }, force_read: true });
  await bob.op('edit', { peer: people.alice.id, id: theirs.id, text: 'bob corrects' });
  await alice.update((update) => update._ === 'updateMessageContent' && update.new_content.text?.text === 'bob corrects', 'the edit', from);
});

await step('delete on both sides', async () => {
  const sent = await send(alice, people.chat.id, 'to be deleted');
  const mark = bob.mark();
  await alice.call('deleteMessages', { chat_id: people.chat.id, message_ids: [sent.id], revoke: true });
  await bob.update((update) => update._ === 'updateDeleteMessages', 'the deletion', 8000, mark);
  const from = alice.mark();
  const theirs = await bob.op('send', { peer: people.alice.id, text: 'bob regrets' });
  const { message } = await alice.update(newMessage('bob regrets'), 'the message', from);
  await bob.op('remove', { peer: people.alice.id, ids: [theirs.id], revoke: true });
  await alice.update((update) => update._ === 'updateDeleteMessages' && update.is_permanent && update.message_ids.includes(message.id), 'the deletion', from);
});

await step('drafts', async () => {
  const draft = (body) => ({ chat_id: people.chat.id, draft_message: body ? { _: 'draftMessage', date: 0, content: { _: 'draftMessageContentText', text: text(body).text } } : undefined });
  await alice.call('closeChat', { chat_id: people.chat.id });
  await alice.call('setChatDraftMessage', draft('unfinished'));
  const second = new Instance('alice-second');
  await second.state('WaitPhoneNumber');
  await second.viaProxy();
  await second.call('setAuthenticationPhoneNumber', { phone_number: people.alicePhone });
  await second.state('WaitCode');
  await second.call('checkAuthenticationCode', { code });
  await second.state('Ready');
  await second.call('loadChats', { chat_list: { _: 'chatListMain' }, limit: 50 }).catch((error) => assert.match(error.message, /404/));
  await eventually(async () => {
    const chat = await second.call('getChat', { chat_id: people.chat.id });
    assert.ok(JSON.stringify(chat.draft_message ?? {}).includes('unfinished'), JSON.stringify(chat.draft_message));
  });
  const from = second.mark();
  await alice.call('setChatDraftMessage', draft(''));
  await second.update((update) => update._ === 'updateChatDraftMessage' && update.chat_id === people.chat.id && !update.draft_message, 'the end of the draft', from);
  const sessions = await alice.call('getActiveSessions');
  assert.equal(sessions.sessions.length, 2);
  await second.call('logOut');
  await second.state('Closed');
  await alice.call('openChat', { chat_id: people.chat.id });
});

await step('typing and presence', async () => {
  const mark = bob.mark();
  await alice.call('sendChatAction', { chat_id: people.chat.id, action: { _: 'chatActionTyping' } });
  await bob.update((update) => update._ === 'updateUserTyping', 'typing', 8000, mark);
  const from = alice.mark();
  await bob.op('typing', { peer: people.alice.id });
  await alice.update((update) => update._ === 'updateChatAction' && update.action._ === 'chatActionTyping', 'typing', from);
  await bob.call('account.updateStatus', { offline: true });
  await bob.call('account.updateStatus', { offline: false });
  await alice.update((update) => update._ === 'updateUserStatus' && update.user_id === people.bob.id && update.status._ === 'userStatusOnline', 'presence', from);
});

await step('history, search in the chat and everywhere', async () => {
  const history = await alice.call('getChatHistory', { chat_id: people.chat.id, from_message_id: 0, offset: 0, limit: 30, only_local: false });
  assert.ok(history.messages.length > 0);
  await send(alice, people.chat.id, 'a needle in the hay');
  const found = await alice.call('searchChatMessages', { chat_id: people.chat.id, query: 'needle', from_message_id: 0, offset: 0, limit: 10, filter: { _: 'searchMessagesFilterEmpty' } });
  assert.equal(found.total_count, 1);
  const everywhere = await alice.call('searchMessages', { chat_list: undefined, query: 'needle', offset: '', limit: 10, filter: { _: 'searchMessagesFilterEmpty' }, min_date: 0, max_date: 0 });
  assert.equal(everywhere.messages.length, 1);
});

await step('pins and the marks of the chat list', async () => {
  const sent = await send(alice, people.chat.id, 'pin me');
  const mark = bob.mark();
  await alice.call('pinChatMessage', { chat_id: people.chat.id, message_id: sent.id, disable_notification: true, only_for_self: false });
  await bob.update((update) => update._ === 'updatePinnedMessages', 'the pin', 8000, mark);
  assert.equal((await alice.call('getChatPinnedMessage', { chat_id: people.chat.id })).id, sent.id);
  await alice.call('unpinChatMessage', { chat_id: people.chat.id, message_id: sent.id });
  await alice.call('toggleChatIsPinned', { chat_list: { _: 'chatListMain' }, chat_id: people.chat.id, is_pinned: true });
  await alice.call('toggleChatIsMarkedAsUnread', { chat_id: people.chat.id, is_marked_as_unread: true });
  await alice.call('toggleChatIsMarkedAsUnread', { chat_id: people.chat.id, is_marked_as_unread: false });
});

await step('profile and username', async () => {
  await alice.call('setName', { first_name: 'Alicia', last_name: '' });
  await alice.call('setBio', { bio: 'Judges servers' });
  await alice.call('setUsername', { username: 'tdlib_alicia' });
  await eventually(async () => assert.equal((await alice.call('getMe')).usernames?.editable_username, 'tdlib_alicia'));
  assert.equal((await bob.op('resolve', { username: 'tdlib_alicia' })).id, people.alice.id);
  assert.equal((await alice.call('getUserFullInfo', { user_id: people.alice.id })).bio?.text, 'Judges servers');
});

const carol = new Driver('mtcute', 'mtcute#2');
await step('a basic group: made by either side, messages and read marks both ways', async () => {
  await carol.op('connect', { dc });
  people.carolPhone = `99966${dc.id}0003`;
  people.carol = await carol.op('start', { phone: people.carolPhone, code, firstName: 'Carol' });
  await bob.op('importContact', { phone: people.carolPhone, firstName: 'Carol' });
  const mark = bob.mark();
  const created = await alice.call('createNewBasicGroupChat', { user_ids: [people.bob.id], title: 'Judges', message_auto_delete_time: 0 });
  people.group = created.chat_id;
  await bob.update((update) => notice(update, 'ChatCreate')?.peer === people.group, 'the new group', 8000, mark);
  await alice.call('openChat', { chat_id: people.group });
  const basic = await alice.call('getBasicGroup', { basic_group_id: -people.group });
  assert.deepEqual([basic.member_count, basic.status._], [2, 'chatMemberStatusCreator']);
  const sent = await send(alice, people.group, 'from TDLib to all');
  const received = incoming(await bob.update((update) => incoming(update)?.text === 'from TDLib to all', 'the message', 8000, mark));
  assert.equal(received.peer, people.group);
  const from = alice.mark();
  await bob.op('read', { peer: people.group, maxId: received.id });
  const read = await alice.update((update) => update._ === 'updateChatReadOutbox' && update.chat_id === people.group && update.last_read_outbox_message_id >= sent.id, 'the read mark', from);
  assert.equal(read.last_read_outbox_message_id, sent.id);
  await bob.op('send', { peer: people.group, text: 'a reply to all', replyTo: received.id });
  const { message } = await alice.update(newMessage('a reply to all'), 'the reply', from);
  assert.equal(message.reply_to.message_id, sent.id);
  const bobsMark = bob.mark();
  await alice.call('viewMessages', { chat_id: people.group, message_ids: [message.id], source: { _: 'messageSourceChatHistory' }, force_read: true });
  await bob.update((update) => isRead(update, 'Outbox') && peerId(update.peer) === people.group, 'the read mark', 8000, bobsMark);
  await eventually(async () => {
    const chat = await alice.call('getChat', { chat_id: people.group });
    assert.deepEqual([chat.unread_count, chat.unread_mention_count], [0, 0]);
  });
  const theirs = alice.mark();
  const other = await bob.op('createGroup', { title: 'Of mtcute', users: [people.alice.id, people.carol.id] });
  await alice.update((update) => update._ === 'updateNewChat' && update.chat.id === other.id && update.chat.title === 'Of mtcute', 'the other group', theirs);
  people.otherGroup = other.id;
});

await step('a basic group: title, description, permissions, admins, who comes and goes', async () => {
  const chat_id = people.group;
  const from = alice.mark();
  await bob.op('setTitle', { chat: chat_id, title: 'Retitled' });
  await alice.update((update) => update._ === 'updateChatTitle' && update.chat_id === chat_id && update.title === 'Retitled', 'the title', from);
  await alice.call('setChatDescription', { chat_id, description: 'Who judges servers' });
  await bob.op('addMember', { chat: chat_id, user: people.carol.id });
  await alice.update((update) => update._ === 'updateBasicGroup' && update.basic_group.id === -chat_id && update.basic_group.member_count === 3, 'three members', from);
  const full = await alice.call('getBasicGroupFullInfo', { basic_group_id: -chat_id });
  assert.deepEqual([full.description, full.members.length], ['Who judges servers', 3]);
  const { permissions } = await alice.call('getChat', { chat_id });
  const mark = bob.mark();
  await alice.call('setChatPermissions', { chat_id, permissions: { ...permissions, can_pin_messages: false, can_change_info: false } });
  const rights = await bob.update((update) => update._ === 'updateChatDefaultBannedRights' && peerId(update.peer) === chat_id, 'the default rights', 8000, mark);
  assert.equal(rights.default_banned_rights.pin_messages, true);
  await alice.call('setChatMemberStatus', {
    chat_id, member_id: { _: 'messageSenderUser', user_id: people.bob.id },
    status: { _: 'chatMemberStatusAdministrator', can_be_edited: true, rights: { _: 'chatAdministratorRights', can_manage_chat: true, can_change_info: true, can_delete_messages: true, can_invite_users: true, can_restrict_members: true, can_pin_messages: true, can_manage_video_chats: true } },
  });
  await bob.update((update) => update._ === 'updateChatParticipantAdmin' && update.chat_id === -chat_id && update.is_admin, 'the promotion', 8000, mark);
  await eventually(async () => {
    const bobs = await alice.call('getChatMember', { chat_id, member_id: { _: 'messageSenderUser', user_id: people.bob.id } });
    assert.equal(bobs.status._, 'chatMemberStatusAdministrator');
  });
  const sent = await send(alice, chat_id, 'to be pinned and gone');
  const theirs = (await bob.op('history', { peer: chat_id, limit: 1 }))[0];
  await bob.op('pin', { peer: chat_id, id: theirs.id });
  await eventually(async () => assert.equal((await alice.call('getChatPinnedMessage', { chat_id })).id, sent.id));
  await bob.op('remove', { peer: chat_id, ids: [theirs.id], revoke: true });
  await alice.update((update) => update._ === 'updateDeleteMessages' && update.chat_id === chat_id && update.message_ids.includes(sent.id), 'the admin\'s deletion', from);
  await bob.op('removeMember', { chat: chat_id, user: people.carol.id });
  await alice.update((update) => update._ === 'updateBasicGroup' && update.basic_group.id === -chat_id && update.basic_group.member_count === 2 && alice.updates.indexOf(update) > from, 'two members', from);
  const common = await alice.call('getGroupsInCommon', { user_id: people.bob.id, offset_chat_id: 0, limit: 100 });
  assert.deepEqual([...common.chat_ids].sort(), [chat_id, people.otherGroup].sort());
});

await step('media by days and places', async () => {
  const chat_id = people.chat.id;
  const links = [];
  for (const place of ['one', 'two', 'three']) links.push(await send(alice, chat_id, `look at https://example.org/${place}`));
  const filter = { _: 'searchMessagesFilterUrl' };
  const { days, total_count } = await alice.call('getChatMessageCalendar', { chat_id, filter, from_message_id: 0 });
  assert.ok(total_count >= 3);
  assert.equal(days.reduce((sum, day) => sum + day.total_count, 0), total_count);
  const { positions } = await alice.call('getChatSparseMessagePositions', { chat_id, filter, from_message_id: 0x7fffffff * 2 ** 20, limit: 50, saved_messages_topic_id: 0 });
  assert.deepEqual(positions.slice(0, 3).map(({ message_id, position }) => [message_id, position]), [...links].reverse().map(({ id }, index) => [id, index]));
});

await step('a basic group: links, joining by one, leaving', async () => {
  const chat_id = people.otherGroup;
  const made = await alice.call('createChatInviteLink', { chat_id: people.group, name: '', expiration_date: 0, member_limit: 1, creates_join_request: false });
  const info = await alice.call('checkChatInviteLink', { invite_link: made.invite_link });
  assert.equal(info.chat_id, people.group);
  await alice.call('revokeChatInviteLink', { chat_id: people.group, invite_link: made.invite_link });
  const revoked = await alice.call('getChatInviteLinks', { chat_id: people.group, creator_user_id: people.alice.id, is_revoked: true, offset_date: 0, offset_invite_link: '', limit: 10 });
  assert.equal(revoked.total_count, 1);
  const left = bob.mark();
  await alice.call('leaveChat', { chat_id });
  await bob.update((update) => notice(update, 'ChatDeleteUser')?.peer === chat_id, 'the leaving', 8000, left);
  const { link } = await bob.op('createLink', { chat: chat_id });
  const preview = await alice.call('checkChatInviteLink', { invite_link: link });
  assert.deepEqual([preview.title, preview.member_count], ['Of mtcute', 2]);
  const joined = await alice.call('joinChatByInviteLink', { invite_link: link });
  assert.equal(joined.chat_id ?? joined.id, chat_id);
  await eventually(async () => assert.equal((await alice.call('getBasicGroup', { basic_group_id: -chat_id })).member_count, 3));
  await send(alice, chat_id, 'back again');
});

await channelSteps({
  step, send, text, bodyOf, newMessage, serverId, bob, carol, people, alice: () => alice,
  async awayWhile(act) {
    await alice.close();
    await act();
    alice = new Instance('alice');
    await alice.state('Ready');
  },
  async newcomer(name) {
    const instance = new Instance(name.toLowerCase());
    const me = await instance.signUp(`99966${dc.id}0004`, name);
    await instance.call('loadChats', { chat_list: { _: 'chatListMain' }, limit: 50 }).catch((error) => assert.match(error.message, /404/));
    return { instance, me };
  },
});

await step('blocking', async () => {
  await alice.call('setMessageSenderBlockList', { sender_id: { _: 'messageSenderUser', user_id: people.bob.id }, block_list: { _: 'blockListMain' } });
  const blocked = await alice.call('getBlockedMessageSenders', { block_list: { _: 'blockListMain' }, offset: 0, limit: 10 });
  assert.equal(blocked.total_count, 1);
  await alice.call('setMessageSenderBlockList', { sender_id: { _: 'messageSenderUser', user_id: people.bob.id } });
});

await step('the same database opened again: the difference', async () => {
  const last = await send(alice, people.chat.id, 'before closing');
  await alice.close();
  const texts = Array.from({ length: 5 }, (_, index) => `missed ${index}`);
  const ids = [];
  for (const body of texts) ids.push((await bob.op('send', { peer: people.alice.id, text: body })).id);
  await bob.op('edit', { peer: people.alice.id, id: ids[1], text: 'missed 1 edited' });
  await bob.op('remove', { peer: people.alice.id, ids: [ids[2]], revoke: true });
  await bob.op('setTitle', { chat: people.group, title: 'Renamed meanwhile' });
  await bob.op('send', { peer: people.group, text: 'missed in the group' });
  await bob.op('removeMember', { chat: people.otherGroup, user: people.carol.id });
  const [top] = await bob.op('history', { peer: people.alice.id, limit: 1 });
  await bob.op('read', { peer: people.alice.id, maxId: top.id });
  alice = new Instance('alice');
  await alice.state('Ready');
  const known = await alice.call('getChat', { chat_id: people.chat.id });
  assert.equal(known.title, 'Bob Saved');
  await alice.update(newMessage('missed 4'), 'the last missed message');
  await alice.update(newMessage('missed in the group'), 'the message missed in the group');
  await eventually(async () => {
    assert.equal((await alice.call('getChat', { chat_id: people.group })).title, 'Renamed meanwhile');
    assert.equal((await alice.call('getBasicGroup', { basic_group_id: -people.otherGroup })).member_count, 2);
  });
  await eventually(async () => {
    const history = await alice.call('getChatHistory', { chat_id: people.chat.id, from_message_id: 0, offset: 0, limit: 6, only_local: false });
    assert.deepEqual(history.messages.map(bodyOf).slice(0, 5), ['missed 4', 'missed 3', 'missed 1 edited', 'missed 0', 'before closing']);
    const chat = await alice.call('getChat', { chat_id: people.chat.id });
    assert.equal(chat.unread_count, 4);
    assert.ok(serverId(chat.last_read_outbox_message_id) >= serverId(last.id));
  });
});

await step('clear history, log out', async () => {
  await alice.call('deleteChatHistory', { chat_id: people.chat.id, remove_from_chat_list: false, revoke: true });
  await eventually(async () => assert.equal((await bob.op('history', { peer: people.alice.id, limit: 10 })).length, 0));
  const from = alice.mark();
  await alice.call('logOut');
  await alice.state('Closed', from);
});

await step('its log names no inconsistency', async () => {
  assert.deepEqual(log.map((line) => line.slice(0, 400)), []);
});

await Promise.all([bob.close(), carol.close()]);
const stopped = await system.stop();
if (stopped.code !== 0) results.push({ title: 'stops cleanly', ok: false });
if (process.env.SYSTEM_ECHO) console.error(system.output());
rmSync(folder, { recursive: true, force: true });
const failed = results.filter((result) => !result.ok).length;
console.log(`\n${results.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
