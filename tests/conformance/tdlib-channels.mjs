// What TDLib makes of supergroups and channels: the steps of tdlib.mjs that need more than two people and a channel's own pts.
import assert from 'node:assert/strict';
import { eventually, incoming, isEdit, notice, peerId } from './features/expect.mjs';

const CHANNEL_MARK = 1_000_000_000_000;
const bareId = (chat) => -chat - CHANNEL_MARK;
const user = (id) => ({ _: 'messageSenderUser', user_id: id });
const plain = (text) => ({ _: 'formattedText', text, entities: [] });
const MEMBER = { _: 'chatMemberStatusMember', member_until_date: 0 };
const NO_FILTER = { _: 'searchMessagesFilterEmpty' };
const MAIN = { _: 'chatListMain' };
const ARCHIVE = { _: 'chatListArchive' };
const now = () => Math.floor(Date.now() / 1_000);

/**
 * @param stage of tdlib.mjs: {step, send, text, bodyOf, newMessage, serverId, alice(), awayWhile(act), newcomer(name), bob, carol, people}. Alice and Dave speak
 * TDLib, Bob and Carol mtcute; Alice knows them all.
 */
export async function channelSteps({ step, send, text, bodyOf, newMessage, serverId, alice, awayWhile, newcomer, bob, carol, people }) {
  const ids = {};
  let dave;

  const administrator = (rights) => ({ _: 'chatMemberStatusAdministrator', can_be_edited: true, rights: { _: 'chatAdministratorRights', can_manage_chat: true, ...rights } });
  const statusOf = async (instance, chat_id, id) => (await instance.call('getChatMember', { chat_id, member_id: user(id) })).status;
  const membersOf = async (instance, chat, filter = { _: 'supergroupMembersFilterRecent' }) => (await instance.call('getSupergroupMembers', { supergroup_id: bareId(chat), filter, offset: 0, limit: 200 })).members.map(({ member_id }) => member_id.user_id).sort();
  const sorted = (...users) => users.map(({ id }) => id).sort();
  const seenOf = (from, chat, body) => bob.update((update) => incoming(update)?.text === body && incoming(update).peer === chat, `"${body}"`, 8000, from);
  /** What Bob says, once that instance has it. */
  async function bobSays(instance, chat, body, options = {}) {
    const from = instance.mark();
    const sent = await bob.op('send', { peer: chat, text: body, ...options });
    const { message } = await instance.update((update) => newMessage(body)(update) && update.message.chat_id === chat, `"${body}"`, from);
    assert.equal(serverId(message.id), sent.id);
    return message;
  }
  async function says(instance, chat, body, extra) {
    const from = bob.mark();
    const message = await send(instance, chat, body, extra);
    assert.equal(incoming(await seenOf(from, chat, body)).id, serverId(message.id));
    return message;
  }
  const historyOf = async (instance, chat_id, limit = 50) => {
    // A page may be shorter than asked for: TDLib gives what it has.
    const found = [];
    for (let from = 0; found.length < limit;) {
      const { messages } = await instance.call('getChatHistory', { chat_id, from_message_id: from, offset: 0, limit: limit - found.length, only_local: false });
      if (messages.length === 0) break;
      found.push(...messages);
      from = messages.at(-1).id;
    }
    return found;
  };
  const shown = async (instance, chat, limit) => (await historyOf(instance, chat, limit)).map(bodyOf).filter(Boolean);

  await step('a supergroup: create, add, talk, reply, mention', async () => {
    dave = await newcomer('Dave');
    people.dave = dave.me;
    const { user_ids: [known] } = await alice().call('importContacts', { contacts: [{ _: 'importedContact', phone_number: dave.me.phone_number, first_name: 'Dave', last_name: '' }] });
    assert.equal(known, dave.me.id);
    await bob.op('importContact', { phone: dave.me.phone_number, firstName: 'Dave' });
    const chat = await alice().call('createNewSupergroupChat', { title: 'Judges', is_forum: false, is_channel: false, description: 'What they say of it', message_auto_delete_time: 0, for_import: false });
    ids.group = chat.id;
    assert.equal(chat.type._, 'chatTypeSupergroup');
    const mark = bob.mark();
    const missing = await alice().call('addChatMembers', { chat_id: chat.id, user_ids: [people.bob.id, people.dave.id] });
    assert.deepEqual(missing.failed_to_add_members, []);
    await bob.update((update) => update._ === 'updateChannel' && peerId(update) === chat.id, 'the supergroup', 8000, mark);
    await dave.instance.update((update) => update._ === 'updateNewChat' && update.chat.id === chat.id, 'the supergroup');
    await alice().call('openChat', { chat_id: chat.id });
    const sent = await says(alice(), chat.id, 'to the judges');
    const answer = await bobSays(alice(), chat.id, 'an answer', { replyTo: serverId(sent.id) });
    assert.equal(answer.reply_to.message_id, sent.id);
    assert.equal(answer.sender_id.user_id, people.bob.id);
    await dave.instance.update(newMessage('an answer'), 'the answer');
    await alice().call('viewMessages', { chat_id: chat.id, message_ids: [answer.id], source: { _: 'messageSourceChatHistory' }, force_read: true });
    await bob.update((update) => update._ === 'updateReadChannelOutbox' && peerId(update) === chat.id, 'the read mark', 8000, mark);
    await eventually(async () => {
      const { unread_count, unread_mention_count } = await alice().call('getChat', { chat_id: chat.id });
      assert.deepEqual([unread_count, unread_mention_count], [0, 0]);
    });
    const thread = await alice().call('getMessageThread', { chat_id: chat.id, message_id: sent.id });
    assert.equal(thread.reply_info.reply_count, 1);
    const answers = await alice().call('getMessageThreadHistory', { chat_id: chat.id, message_id: sent.id, from_message_id: 0, offset: 0, limit: 10 });
    assert.deepEqual(answers.messages.map(bodyOf).filter(Boolean)[0], 'an answer');
    // Who is named without being answered.
    const entity = { _: 'textEntity', offset: 0, length: 3, type: { _: 'textEntityTypeMentionName', user_id: people.bob.id } };
    const named = bob.mark();
    await send(alice(), chat.id, 'Bob, look', { input_message_content: { _: 'inputMessageText', text: { ...plain('Bob, look'), entities: [entity] } } });
    assert.equal(incoming(await seenOf(named, chat.id, 'Bob, look')).mentioned, true);
    const full = await alice().call('getSupergroupFullInfo', { supergroup_id: bareId(chat.id) });
    assert.deepEqual([full.member_count, full.description], [3, 'What they say of it']);
    assert.deepEqual(await membersOf(alice(), chat.id), sorted(people.alice, people.bob, people.dave));
    const viewers = await bob.call('messages.getMessageReadParticipants', { peer: await bob.op('inputPeer', { peer: chat.id }), msg_id: serverId(answer.id) });
    assert.ok(viewers.some(({ user_id }) => user_id === people.alice.id));
  });

  await step('a supergroup: edit, delete, pin, history, search, links, by date', async () => {
    const chat_id = ids.group;
    const own = await says(alice(), chat_id, 'to be changed');
    const mark = bob.mark();
    await alice().call('editMessageText', { chat_id, message_id: own.id, input_message_content: text('changed') });
    await bob.update((update) => isEdit(update) && update.message.message === 'changed', 'the edit', 8000, mark);
    const from = alice().mark();
    const his = await bobSays(alice(), chat_id, 'his own');
    await bob.op('edit', { peer: chat_id, id: serverId(his.id), text: 'his own needle' });
    await alice().update((update) => update._ === 'updateMessageContent' && update.message_id === his.id && update.new_content.text?.text === 'his own needle', 'the edit', from);
    const gone = await bobSays(alice(), chat_id, 'it goes');
    await bob.op('remove', { peer: chat_id, ids: [serverId(gone.id)], revoke: true });
    await alice().update((update) => update._ === 'updateDeleteMessages' && update.is_permanent && update.message_ids.includes(gone.id), 'the deletion', from);
    await alice().call('pinChatMessage', { chat_id, message_id: own.id, disable_notification: false, only_for_self: false });
    await bob.update((update) => update._ === 'updatePinnedChannelMessages' && peerId(update) === chat_id, 'the pin', 8000, mark);
    await alice().update((update) => update._ === 'updateMessageIsPinned' && update.message_id === own.id && update.is_pinned, 'the own pin', from);
    assert.equal((await alice().call('getChatPinnedMessage', { chat_id })).id, own.id);
    await bob.op('pin', { peer: chat_id, id: serverId(his.id) });
    await alice().update((update) => update._ === 'updateMessageIsPinned' && update.message_id === his.id && update.is_pinned, 'his pin', from);
    await alice().call('unpinAllChatMessages', { chat_id });
    await bob.update((update) => update._ === 'updatePinnedChannelMessages' && !update.pinned, 'all unpinned', 8000, mark);
    const texts = await shown(alice(), chat_id, 20);
    assert.ok(texts.includes('changed') && texts.includes('his own needle') && !texts.includes('it goes'), texts.join());
    const found = await alice().call('searchChatMessages', { chat_id, query: 'needle', from_message_id: 0, offset: 0, limit: 10, filter: NO_FILTER });
    assert.deepEqual(found.messages.map(({ id }) => id), [his.id]);
    const byBob = await alice().call('searchChatMessages', { chat_id, query: '', sender_id: user(people.bob.id), from_message_id: 0, offset: 0, limit: 20, filter: NO_FILTER });
    assert.ok(byBob.messages.length > 0 && byBob.messages.every(({ sender_id }) => sender_id.user_id === people.bob.id));
    const everywhere = await alice().call('searchMessages', { query: 'needle', offset: '', limit: 10, filter: NO_FILTER, min_date: 0, max_date: 0 });
    assert.ok(everywhere.messages.some(({ id }) => id === his.id));
    const { link, is_public } = await alice().call('getMessageLink', { chat_id, message_id: his.id, media_timestamp: 0 });
    assert.deepEqual([link.endsWith(`/c/${bareId(chat_id)}/${serverId(his.id)}`), is_public], [true, false]);
    assert.ok((await alice().call('getChatMessageByDate', { chat_id, date: now() + 60 })).id >= his.id);
    const properties = await alice().call('getMessageProperties', { chat_id, message_id: his.id });
    assert.deepEqual([properties.can_be_pinned, properties.can_be_edited, properties.can_be_deleted_for_all_users], [true, false, true]);
  });

  await step('a supergroup: admins, restrictions, slow mode, bans', async () => {
    const chat_id = ids.group;
    const { permissions } = await alice().call('getChat', { chat_id });
    const off = Object.fromEntries(Object.keys(permissions).filter((key) => key.startsWith('can_')).map((key) => [key, false]));
    await alice().call('setChatPermissions', { chat_id, permissions: { ...permissions, can_pin_messages: false, can_change_info: false } });
    await dave.instance.update((update) => update._ === 'updateChatPermissions' && update.chat_id === chat_id && !update.permissions.can_pin_messages, 'the permissions');
    await alice().call('setChatMemberStatus', { chat_id, member_id: user(people.bob.id), status: administrator({ can_pin_messages: true, can_restrict_members: true, can_invite_users: true }) });
    await eventually(async () => assert.equal((await statusOf(dave.instance, chat_id, people.bob.id))._, 'chatMemberStatusAdministrator'));
    assert.deepEqual(await membersOf(dave.instance, chat_id, { _: 'supergroupMembersFilterAdministrators' }), sorted(people.alice, people.bob));
    assert.ok((await alice().call('getChatAdministrators', { chat_id })).administrators.some(({ user_id }) => user_id === people.bob.id));
    const from = dave.instance.mark();
    await bob.op('restrict', { chat: chat_id, user: people.dave.id, banned: { send_messages: true } });
    await dave.instance.update((update) => update._ === 'updateSupergroup' && update.supergroup.id === bareId(chat_id) && update.supergroup.status._ === 'chatMemberStatusRestricted', 'the restriction', from);
    await assert.rejects(send(dave.instance, chat_id, 'may I?'));
    await alice().call('setChatMemberStatus', { chat_id, member_id: user(people.dave.id), status: { _: 'chatMemberStatusRestricted', is_member: true, restricted_until_date: now() + 3600, permissions: { ...permissions, ...off, can_send_basic_messages: true } } });
    await dave.instance.update((update) => update._ === 'updateSupergroup' && update.supergroup.id === bareId(chat_id) && update.supergroup.status.permissions?.can_send_basic_messages && !update.supergroup.status.permissions.can_send_polls, 'another restriction', from);
    await says(dave.instance, chat_id, 'words alone');
    assert.deepEqual(await membersOf(alice(), chat_id, { _: 'supergroupMembersFilterRestricted', query: '' }), [people.dave.id]);
    await alice().call('setChatMemberStatus', { chat_id, member_id: user(people.dave.id), status: MEMBER });
    await alice().call('setChatSlowModeDelay', { chat_id, slow_mode_delay: 30 });
    await dave.instance.update((update) => update._ === 'updateSupergroup' && update.supergroup.id === bareId(chat_id) && update.supergroup.is_slow_mode_enabled, 'the slow mode', from);
    await says(dave.instance, chat_id, 'once in a while');
    await eventually(async () => assert.ok((await dave.instance.call('getSupergroupFullInfo', { supergroup_id: bareId(chat_id) })).slow_mode_delay_expires_in > 0));
    await alice().call('setChatSlowModeDelay', { chat_id, slow_mode_delay: 0 });
    await alice().call('banChatMember', { chat_id, member_id: user(people.dave.id), banned_until_date: 0, revoke_messages: false });
    await dave.instance.update((update) => update._ === 'updateSupergroup' && update.supergroup.id === bareId(chat_id) && update.supergroup.status._ === 'chatMemberStatusBanned', 'the ban', from);
    assert.deepEqual(await membersOf(alice(), chat_id, { _: 'supergroupMembersFilterBanned', query: '' }), [people.dave.id]);
    await assert.rejects(send(dave.instance, chat_id, 'from outside'));
    await bobSays(alice(), chat_id, 'without Dave');
    await alice().call('setChatMemberStatus', { chat_id, member_id: user(people.dave.id), status: { _: 'chatMemberStatusLeft' } });
    await alice().call('addChatMember', { chat_id, user_id: people.dave.id, forward_limit: 0 });
    await dave.instance.update((update) => update._ === 'updateSupergroup' && update.supergroup.id === bareId(chat_id) && update.supergroup.status._ === 'chatMemberStatusMember', 'the return', from);
    await bobSays(dave.instance, chat_id, 'with Dave again');
    const { events } = await alice().call('getChatEventLog', { chat_id, query: '', from_event_id: 0, limit: 100, user_ids: [] });
    const kinds = new Set(events.map(({ action }) => action._));
    for (const kind of ['chatEventMemberPromoted', 'chatEventMemberRestricted', 'chatEventSlowModeDelayChanged', 'chatEventPermissionsChanged', 'chatEventMessageEdited', 'chatEventMessageDeleted', 'chatEventMessagePinned', 'chatEventMemberInvited']) assert.ok(kinds.has(kind), `${kind} of ${[...kinds].join()}`);
  });

  await step('a supergroup: links, requests to join, leaving', async () => {
    const chat_id = ids.group;
    await dave.instance.call('leaveChat', { chat_id });
    await eventually(async () => assert.deepEqual(await membersOf(alice(), chat_id), sorted(people.alice, people.bob)));
    const asking = await alice().call('createChatInviteLink', { chat_id, name: 'ask first', expiration_date: 0, member_limit: 0, creates_join_request: true });
    const preview = await dave.instance.call('checkChatInviteLink', { invite_link: asking.invite_link });
    assert.deepEqual([preview.creates_join_request, preview.title], [true, 'Judges']);
    const from = alice().mark();
    const answered = await dave.instance.call('joinChatByInviteLink', { invite_link: asking.invite_link }).catch(({ message }) => ({ _: message }));
    assert.match(answered._, /RequestSent|INVITE_REQUEST_SENT/);
    await alice().update((update) => update._ === 'updateChatPendingJoinRequests' && update.chat_id === chat_id && update.pending_join_requests?.total_count === 1, 'the request', from);
    const { requests } = await alice().call('getChatJoinRequests', { chat_id, invite_link: '', query: '', limit: 10 });
    assert.deepEqual(requests.map(({ user_id }) => user_id), [people.dave.id]);
    await alice().call('processChatJoinRequest', { chat_id, user_id: people.dave.id, approve: true });
    await eventually(async () => assert.equal((await dave.instance.call('getSupergroup', { supergroup_id: bareId(chat_id) })).status._, 'chatMemberStatusMember'));
    await bobSays(dave.instance, chat_id, 'welcome');
    await dave.instance.call('leaveChat', { chat_id });
    const open = await alice().call('createChatInviteLink', { chat_id, name: 'open', expiration_date: 0, member_limit: 1, creates_join_request: false });
    const joined = await dave.instance.call('joinChatByInviteLink', { invite_link: open.invite_link });
    assert.equal(joined.chat_id ?? joined.id, chat_id);
    const { members } = await alice().call('getChatInviteLinkMembers', { chat_id, invite_link: open.invite_link, only_with_expired_subscription: false, limit: 10 });
    assert.deepEqual(members.map(({ user_id }) => user_id), [people.dave.id]);
    await alice().call('revokeChatInviteLink', { chat_id, invite_link: open.invite_link });
    const primary = await alice().call('replacePrimaryChatInviteLink', { chat_id });
    assert.equal((await alice().call('getSupergroupFullInfo', { supergroup_id: bareId(chat_id) })).invite_link.invite_link, primary.invite_link);
  });

  await step('a channel: posts, signatures, views, forwards, who may', async () => {
    const chat = await alice().call('createNewSupergroupChat', { title: 'Verdicts', is_forum: false, is_channel: true, description: '', message_auto_delete_time: 0, for_import: false });
    ids.channel = chat.id;
    for (const id of [people.bob.id, people.dave.id]) assert.deepEqual((await alice().call('addChatMember', { chat_id: chat.id, user_id: id, forward_limit: 0 })).failed_to_add_members, []);
    await dave.instance.update((update) => update._ === 'updateNewChat' && update.chat.id === chat.id, 'the channel');
    await dave.instance.call('openChat', { chat_id: chat.id });
    const from = dave.instance.mark();
    const post = await says(alice(), chat.id, 'a verdict');
    assert.equal(post.is_channel_post, true);
    const { message } = await dave.instance.update(newMessage('a verdict'), 'the post', from);
    assert.deepEqual([message.is_channel_post, message.sender_id.chat_id, message.is_outgoing], [true, chat.id, false]);
    await dave.instance.call('viewMessages', { chat_id: chat.id, message_ids: [message.id], source: { _: 'messageSourceChatHistory' }, force_read: true });
    await eventually(async () => assert.ok((await dave.instance.call('getMessage', { chat_id: chat.id, message_id: message.id })).interaction_info?.view_count >= 1));
    await assert.rejects(send(dave.instance, chat.id, 'may I?'));
    await alice().call('toggleSupergroupSignMessages', { supergroup_id: bareId(chat.id), sign_messages: true, show_message_sender: false });
    const signed = await says(alice(), chat.id, 'a signed verdict');
    assert.ok(signed.author_signature.length > 0);
    const me = await dave.instance.call('createPrivateChat', { user_id: people.dave.id, force: false });
    await dave.instance.call('forwardMessages', { chat_id: me.id, from_chat_id: chat.id, message_ids: [message.id], send_copy: false, remove_caption: false });
    const copy = await dave.instance.update((update) => update._ === 'updateMessageSendSucceeded' && update.message.chat_id === me.id, 'the forward', from);
    assert.deepEqual([copy.message.forward_info.origin._, copy.message.forward_info.origin.chat_id, copy.message.forward_info.origin.message_id], ['messageOriginChannel', chat.id, message.id]);
    await alice().call('setChatMemberStatus', { chat_id: chat.id, member_id: user(people.bob.id), status: administrator({ can_post_messages: true, can_edit_messages: true }) });
    await bobSays(dave.instance, chat.id, 'by Bob');
    await bob.op('edit', { peer: chat.id, id: serverId(message.id), text: 'a corrected verdict' });
    await dave.instance.update((update) => update._ === 'updateMessageContent' && update.message_id === message.id && update.new_content.text?.text === 'a corrected verdict', 'the edit', from);
    await alice().call('pinChatMessage', { chat_id: chat.id, message_id: signed.id, disable_notification: true, only_for_self: false });
    await dave.instance.update((update) => update._ === 'updateMessageIsPinned' && update.message_id === signed.id && update.is_pinned, 'the pin', from);
    await alice().call('deleteMessages', { chat_id: chat.id, message_ids: [signed.id], revoke: true });
    await dave.instance.update((update) => update._ === 'updateDeleteMessages' && update.is_permanent && update.message_ids.includes(signed.id), 'the deletion', from);
    assert.deepEqual((await shown(dave.instance, chat.id, 10)).slice(0, 2), ['by Bob', 'a corrected verdict']);
    await alice().call('getSupergroupMembers', { supergroup_id: bareId(chat.id), filter: { _: 'supergroupMembersFilterSearch', query: 'Dave' }, offset: 0, limit: 20 });
  });

  await step('of mtcute\'s making: a supergroup and a channel, the other side of all', async () => {
    const group = await bob.op('createChannel', { title: 'Of Bob', broadcast: false });
    ids.bobs = group.id;
    const from = alice().mark();
    await bob.op('addMember', { chat: group.id, user: people.alice.id });
    await alice().update((update) => update._ === 'updateNewChat' && update.chat.id === group.id && update.chat.title === 'Of Bob', 'Bob\'s supergroup', from);
    await bobSays(alice(), group.id, 'in Bob\'s');
    await says(alice(), group.id, 'thanks');
    await bob.op('promote', { chat: group.id, user: people.alice.id, rights: { pin_messages: true, anonymous: true }, rank: 'judge' });
    await alice().update((update) => update._ === 'updateSupergroup' && update.supergroup.id === bareId(group.id) && update.supergroup.status._ === 'chatMemberStatusAdministrator' && update.supergroup.status.rights.can_pin_messages, 'the promotion', from);
    const anonymous = await send(alice(), group.id, 'nobody in particular');
    assert.equal(anonymous.sender_id.chat_id, group.id);
    await bob.op('promote', { chat: group.id, user: people.alice.id, rights: {} });
    await bob.op('setTitle', { chat: group.id, title: 'Of Bob, retitled' });
    await alice().update((update) => update._ === 'updateChatTitle' && update.chat_id === group.id && update.title === 'Of Bob, retitled', 'the title', from);
    await bob.op('setAbout', { chat: group.id, about: 'about Bob' });
    await eventually(async () => assert.equal((await alice().call('getSupergroupFullInfo', { supergroup_id: bareId(group.id) })).description, 'about Bob'));
    await bob.op('setSlowMode', { chat: group.id, seconds: 10 });
    await bob.op('setSlowMode', { chat: group.id, seconds: 0 });
    await bob.op('typing', { peer: group.id });
    await alice().update((update) => update._ === 'updateChatAction' && update.chat_id === group.id && update.action._ === 'chatActionTyping', 'typing', from);
    const channel = await bob.op('createChannel', { title: 'News of Bob', broadcast: true });
    ids.news = channel.id;
    await bob.op('addMember', { chat: channel.id, user: people.alice.id });
    await alice().update((update) => update._ === 'updateNewChat' && update.chat.id === channel.id, 'Bob\'s channel', from);
    await bobSays(alice(), channel.id, 'news');
  });

  await step('a username: found, read without joining, joined, changed', async () => {
    const name = `tdlib_judged_${Date.now().toString(36)}`;
    assert.equal((await alice().call('checkChatUsername', { chat_id: ids.channel, username: name }))._, 'checkChatUsernameResultOk');
    await bob.op('setUsername', { chat: ids.news, username: name });
    const found = await dave.instance.call('searchPublicChat', { username: name });
    assert.equal(found.id, ids.news);
    await dave.instance.call('openChat', { chat_id: found.id });
    assert.ok((await shown(dave.instance, found.id, 10)).includes('news'));
    const from = dave.instance.mark();
    const joined = await dave.instance.call('joinChat', { chat_id: found.id });
    assert.ok(joined);
    await dave.instance.update((update) => update._ === 'updateSupergroup' && update.supergroup.id === bareId(found.id) && update.supergroup.status._ === 'chatMemberStatusMember', 'that he is in', from);
    await bobSays(dave.instance, found.id, 'more news');
    await bob.op('setUsername', { chat: ids.news, username: `${name}_b` });
    await dave.instance.update((update) => update._ === 'updateSupergroup' && update.supergroup.id === bareId(found.id) && update.supergroup.usernames?.editable_username !== name && update.supergroup.usernames?.active_usernames.includes(`${name}_b`), 'the new username', from);
    await alice().call('setSupergroupUsername', { supergroup_id: bareId(ids.channel), username: `${name}_c` });
    assert.equal((await dave.instance.call('searchPublicChat', { username: `${name}_c` })).id, ids.channel);
    const { link, is_public } = await alice().call('getMessageLink', { chat_id: ids.channel, message_id: (await historyOf(alice(), ids.channel, 1))[0].id, media_timestamp: 0 });
    assert.deepEqual([link.includes(`${name}_c/`), is_public], [true, true]);
    await alice().call('setSupergroupUsername', { supergroup_id: bareId(ids.channel), username: '' });
    await dave.instance.call('closeChat', { chat_id: found.id });
  });

  await step('polls and quizzes, reactions, scheduled posts', async () => {
    const chat_id = ids.group;
    const from = alice().mark();
    const poll = (type, options) => ({ _: 'inputMessagePoll', question: plain('Which?'), options: options.map((each) => ({ _: 'inputPollOption', text: plain(each) })), is_anonymous: false, allows_multiple_answers: false, allows_revoting: type._ === 'inputPollTypeRegular', type, open_period: 0, close_date: 0, is_closed: false });
    const sent = await send(alice(), chat_id, 'a poll', { input_message_content: poll({ _: 'inputPollTypeRegular', allow_adding_options: false }, ['one', 'two']) });
    assert.equal(sent.content._, 'messagePoll');
    await eventually(async () => assert.ok((await bob.op('history', { peer: chat_id, limit: 3 })).some(({ id }) => id === serverId(sent.id))));
    await bob.op('vote', { peer: chat_id, id: serverId(sent.id), options: [1] });
    const isVote = (update) => (update._ === 'updatePoll' && update.poll.id === sent.content.poll.id && update.poll.total_voter_count === 1) || (update._ === 'updateMessageContent' && update.message_id === sent.id && update.new_content.poll?.total_voter_count === 1);
    await alice().update(isVote, 'the vote', from);
    await alice().call('setPollAnswer', { chat_id, message_id: sent.id, option_ids: [1] });
    const { voters, total_count } = await alice().call('getPollVoters', { chat_id, message_id: sent.id, option_id: 1, offset: 0, limit: 10 });
    assert.deepEqual([total_count, voters.map(({ voter_id }) => voter_id.user_id).sort()], [2, sorted(people.alice, people.bob)]);
    await alice().call('stopPoll', { chat_id, message_id: sent.id });
    await eventually(async () => assert.equal((await alice().call('getMessage', { chat_id, message_id: sent.id })).content.poll.is_closed, true));
    const quiz = await bob.op('sendPoll', { peer: ids.bobs, question: 'Right?', answers: ['no', 'yes'], correct: 1, solution: 'because' });
    const { message } = await alice().update((update) => update._ === 'updateNewMessage' && update.message.chat_id === ids.bobs && update.message.content._ === 'messagePoll', 'the quiz', from);
    await alice().call('setPollAnswer', { chat_id: ids.bobs, message_id: message.id, option_ids: [1] });
    await eventually(async () => {
      const { poll: seen } = (await alice().call('getMessage', { chat_id: ids.bobs, message_id: message.id })).content;
      assert.deepEqual([seen.type._, seen.type.correct_option_ids, seen.options[1].is_chosen], ['pollTypeQuiz', [1], true]);
    });
    assert.equal(serverId(message.id), quiz.id);
    const { message: ours } = { message: await says(alice(), chat_id, 'react to me') };
    await bob.op('react', { peer: chat_id, id: serverId(ours.id), emoji: '\u{1f44d}' });
    await alice().update((update) => update._ === 'updateMessageInteractionInfo' && update.message_id === ours.id && update.interaction_info?.reactions?.reactions[0]?.total_count === 1, 'the reaction', from);
await alice().call('setChatAvailableReactions', { chat_id, available_reactions: { _: 'chatAvailableReactionsAll', max_reaction_count: 11 } });
    const later = await send(alice(), ids.channel, 'a later verdict', { options: { _: 'messageSendOptions', scheduling_state: { _: 'messageSchedulingStateSendAtDate', send_date: now() + 86_400, repeat_period: 0 } } });
    assert.deepEqual((await alice().call('getChatScheduledMessages', { chat_id: ids.channel })).messages.map(bodyOf), ['a later verdict']);
    await alice().call('editMessageText', { chat_id: ids.channel, message_id: later.id, input_message_content: text('a verdict at last') });
    const mark = bob.mark();
    await alice().call('editMessageSchedulingState', { chat_id: ids.channel, message_id: later.id, scheduling_state: undefined });
    await seenOf(mark, ids.channel, 'a verdict at last');
    await eventually(async () => assert.deepEqual((await alice().call('getChatScheduledMessages', { chat_id: ids.channel })).messages, []));
  });

  await step('folders, archive, pins, mutes and drafts of channels', async () => {
    const folder = await alice().call('createChatFolder', { folder: { _: 'chatFolder', name: { _: 'chatFolderName', text: plain('Judged'), animate_custom_emoji: false }, color_id: -1, is_shareable: false, pinned_chat_ids: [ids.channel], included_chat_ids: [ids.group], excluded_chat_ids: [] } });
    await alice().call('loadChats', { chat_list: { _: 'chatListFolder', chat_folder_id: folder.id }, limit: 50 }).catch(({ message }) => assert.match(message, /404/));
    assert.deepEqual((await alice().call('getChats', { chat_list: { _: 'chatListFolder', chat_folder_id: folder.id }, limit: 50 })).chat_ids, [ids.channel, ids.group]);
    await alice().call('deleteChatFolder', { chat_folder_id: folder.id, leave_chat_ids: [] });
    await alice().call('addChatToList', { chat_id: ids.bobs, chat_list: ARCHIVE });
    await eventually(async () => assert.ok((await alice().call('getChats', { chat_list: ARCHIVE, limit: 50 })).chat_ids.includes(ids.bobs)));
    await alice().call('addChatToList', { chat_id: ids.bobs, chat_list: MAIN });
    await eventually(async () => assert.ok((await alice().call('getChats', { chat_list: MAIN, limit: 50 })).chat_ids.includes(ids.bobs)));
    await alice().call('setPinnedChats', { chat_list: MAIN, chat_ids: [ids.group, ids.channel] });
    assert.deepEqual((await alice().call('getChats', { chat_list: MAIN, limit: 2 })).chat_ids, [ids.group, ids.channel]);
    await alice().call('setPinnedChats', { chat_list: MAIN, chat_ids: [] });
    const { notification_settings } = await alice().call('getChat', { chat_id: ids.group });
    await alice().call('setChatNotificationSettings', { chat_id: ids.group, notification_settings: { ...notification_settings, use_default_mute_for: false, mute_for: 3600 } });
    await alice().call('setChatDraftMessage', { chat_id: ids.bobs, draft_message: { _: 'draftMessage', date: 0, content: { _: 'draftMessageContentText', text: plain('unfinished') } } });
    await alice().call('setChatDraftMessage', { chat_id: ids.bobs });
    await alice().call('toggleChatIsMarkedAsUnread', { chat_id: ids.bobs, is_marked_as_unread: true });
    await alice().call('toggleChatIsMarkedAsUnread', { chat_id: ids.bobs, is_marked_as_unread: false });
    await alice().call('setChatMessageAutoDeleteTime', { chat_id: ids.group, message_auto_delete_time: 86_400 });
    await eventually(async () => assert.equal((await dave.instance.call('getChat', { chat_id: ids.group })).message_auto_delete_time, 86_400));
    await alice().call('setChatMessageAutoDeleteTime', { chat_id: ids.group, message_auto_delete_time: 0 });
  });

  await step('a basic group becomes a supergroup, by each side', async () => {
    const made = await alice().call('createNewBasicGroupChat', { user_ids: [people.bob.id, people.dave.id], title: 'Small', message_auto_delete_time: 0 });
    await send(alice(), made.chat_id, 'in the small one');
    await dave.instance.update(newMessage('in the small one'), 'the message in the small one');
    const chat = await alice().call('upgradeBasicGroupChatToSupergroupChat', { chat_id: made.chat_id });
    assert.equal(chat.type._, 'chatTypeSupergroup');
    await dave.instance.update((update) => update._ === 'updateBasicGroup' && update.basic_group.upgraded_to_supergroup_id === bareId(chat.id), 'where it went');
    const full = await dave.instance.call('getSupergroupFullInfo', { supergroup_id: bareId(chat.id) });
    assert.deepEqual([full.upgraded_from_basic_group_id, full.member_count, full.upgraded_from_max_message_id > 0], [-made.chat_id, 3, true]);
    await bobSays(dave.instance, chat.id, 'in the large one');
    assert.ok((await historyOf(dave.instance, made.chat_id, 10)).some(({ content }) => content._ === 'messageChatUpgradeTo'));
    assert.ok((await historyOf(dave.instance, chat.id, 10)).some(({ content }) => content._ === 'messageChatUpgradeFrom'));
  });

  await step('channels while TDLib is away: the differences of each', async () => {
    const from = alice().mark();
    const small = await bob.op('createGroup', { title: 'Small of Bob', users: [people.alice.id, people.carol.id] });
    const doomed = await bob.op('createChannel', { title: 'Doomed', broadcast: false });
    const barred = await bob.op('createChannel', { title: 'Barred', broadcast: false });
    const returned = await bob.op('createChannel', { title: 'Returned', broadcast: false });
    for (const { id } of [doomed, barred, returned]) {
      await bob.op('addMember', { chat: id, user: people.alice.id });
      await bobSays(alice(), id, 'before');
    }
    await alice().update((update) => update._ === 'updateNewChat' && update.chat.id === small.id, 'the small one', from);
    const sent = await says(alice(), ids.bobs, 'before I go');
    const old = await bobSays(alice(), ids.bobs, 'it will be gone');
    const unread = (await alice().call('getChat', { chat_id: ids.bobs })).unread_count;
    let moved;
    await awayWhile(async () => {
      const posted = [];
      for (let index = 0; index < 5; index += 1) posted.push((await bob.op('send', { peer: ids.bobs, text: `away ${index}` })).id);
      await bob.op('edit', { peer: ids.bobs, id: posted[1], text: 'away 1 edited' });
      await bob.op('remove', { peer: ids.bobs, ids: [posted[2], serverId(old.id)], revoke: true });
      await bob.op('read', { peer: ids.bobs, maxId: posted.at(-1) });
      await bob.op('setTitle', { chat: ids.bobs, title: 'Renamed while away' });
      for (let index = 0; index < 130; index += 1) await bob.op('send', { peer: ids.news, text: `flood ${index}` });
      await bob.op('setUsername', { chat: ids.news, username: '' });
      await bob.op('deleteChannel', { chat: doomed.id });
      await bob.op('ban', { chat: barred.id, user: people.alice.id });
      await bob.op('send', { peer: barred.id, text: 'not for Alice' });
      await bob.op('removeMember', { chat: returned.id, user: people.alice.id });
      await bob.op('send', { peer: returned.id, text: 'without her' });
      await bob.op('addMember', { chat: returned.id, user: people.alice.id });
      await bob.op('send', { peer: returned.id, text: 'with her' });
      const { updates } = await bob.call('messages.migrateChat', { chat_id: -small.id });
      moved = updates.map((update) => notice(update, 'ChatMigrateTo')).find(Boolean);
      await bob.op('send', { peer: peerId(moved.action), text: 'in the moved one' });
    });
    await alice().update((update) => newMessage('away 4')(update) || (update._ === 'updateChatLastMessage' && bodyOf(update.last_message) === 'away 4') || (update._ === 'updateChatLastMessage' && update.last_message?.content._ === 'messageChatChangeTitle'), 'what came meanwhile');
    await eventually(async () => {
      assert.equal((await alice().call('getChat', { chat_id: ids.bobs })).title, 'Renamed while away');
      assert.deepEqual((await shown(alice(), ids.bobs, 12)).slice(0, 5), ['away 4', 'away 3', 'away 1 edited', 'away 0', 'before I go']);
    }, 15_000);
    await eventually(async () => assert.ok(serverId((await alice().call('getChat', { chat_id: ids.bobs })).last_read_outbox_message_id) >= serverId(sent.id)));
    // Four that are left and the notice of the title came, one that was unread is gone.
    assert.equal((await alice().call('getChat', { chat_id: ids.bobs })).unread_count, unread + 4);
    await eventually(async () => {
      const { last_message, unread_count } = await alice().call('getChat', { chat_id: ids.news });
      assert.deepEqual([bodyOf(last_message), unread_count >= 130], ['flood 129', true]);
    });
    assert.deepEqual((await shown(alice(), ids.news, 130)).slice(0, 130), Array.from({ length: 130 }, (_, index) => `flood ${129 - index}`));
    await eventually(async () => {
      assert.equal((await alice().call('getSupergroup', { supergroup_id: bareId(ids.news) })).usernames, undefined);
      assert.equal((await alice().call('getBasicGroup', { basic_group_id: -small.id })).upgraded_to_supergroup_id, bareId(peerId(moved.action)));
    }, 15_000);
    // What the client isn't told of these by their own differences, the difference of the account says.
    for (const { id } of [barred, doomed]) await eventually(async () => assert.equal((await alice().call('getSupergroup', { supergroup_id: bareId(id) })).status._, 'chatMemberStatusBanned'));
    for (const { id } of [barred, doomed]) await assert.rejects(send(alice(), id, 'still?'));
    await eventually(async () => assert.ok((await shown(alice(), peerId(moved.action), 10)).includes('in the moved one')));
    await eventually(async () => assert.deepEqual((await shown(alice(), returned.id, 10)).slice(0, 2), ['with her', 'without her']));
    await says(alice(), returned.id, 'back');
  });

  await step('a member removed and let in again, a supergroup that ends', async () => {
    const chat_id = ids.group;
    const from = dave.instance.mark();
    await bob.op('removeMember', { chat: chat_id, user: people.dave.id });
    await dave.instance.update((update) => update._ === 'updateSupergroup' && update.supergroup.id === bareId(chat_id) && ['chatMemberStatusLeft', 'chatMemberStatusBanned'].includes(update.supergroup.status._), 'the removal', from);
    await bobSays(alice(), chat_id, 'while Dave is out');
    await alice().call('addChatMember', { chat_id, user_id: people.dave.id, forward_limit: 0 });
    await bobSays(dave.instance, chat_id, 'while Dave is in');
    assert.deepEqual((await shown(dave.instance, chat_id, 10)).slice(0, 2), ['while Dave is in', 'while Dave is out']);
    await alice().call('deleteChatMessagesBySender', { chat_id, sender_id: user(people.bob.id) });
    await eventually(async () => assert.ok(!(await shown(dave.instance, chat_id, 30)).includes('while Dave is in')));
    const ended = dave.instance.mark();
    await alice().call('deleteChat', { chat_id });
    await dave.instance.update((update) => update._ === 'updateSupergroup' && update.supergroup.id === bareId(chat_id) && update.supergroup.status._ === 'chatMemberStatusBanned', 'the end', ended);
    await dave.instance.call('logOut');
    await dave.instance.state('Closed');
  });
}
