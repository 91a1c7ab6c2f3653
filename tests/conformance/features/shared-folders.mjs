// Folders that people share by links. `t`: see index.mjs; channels are named by their marked id, −(10¹² + channel_id).
import assert from 'node:assert/strict';
import { history, trio, unique } from './company.mjs';
import { eventually, expectError, peerId } from './expect.mjs';

const titleOf = (filter) => filter.title.text ?? filter.title;
const listOf = (id) => ({ chatlist: { _: 'inputChatlistDialogFilter', filter_id: id } });
const foldersOf = async (client) => (await client.call('messages.getDialogFilters')).filters.filter((filter) => filter.id);
/** A folder as an answer tells it to whom changed it. */
const told = ({ updates }) => updates.find((u) => u._ === 'updateDialogFilter')?.filter;
const marked = (peers) => peers.map(peerId);

/** The channels of a preview as the viewer names them in requests. */
function joinable({ chats }) {
  return chats.filter((chat) => /^channel$/i.test(chat._)).map((chat) => ({ _: 'inputPeerChannel', channel_id: chat.id, access_hash: chat.access_hash }));
}

/** A private channel and a private supergroup of the owner's, in a folder. */
async function shares(owner, id) {
  const { client } = owner;
  const chats = [];
  for (const broadcast of [true, false]) chats.push((await client.op('createChannel', { title: unique('shared'), broadcast })).id);
  const peers = await Promise.all(chats.map((peer) => client.op('inputPeer', { peer })));
  const title = `Sea ${id}`;
  await client.call('messages.updateDialogFilter', {
    id, filter: { _: 'dialogFilter', id, title: { _: 'textWithEntities', text: title, entities: [] }, emoticon: '🌊', pinned_peers: [], include_peers: peers, exclude_peers: [] },
  });
  return { chats, peers, title };
}

/** Where the system has two data centers: somebody of the other one joins. */
export const sharedFolderAcross = ['shared folder: of another data center', async (t) => {
  const owner = await t.signUp('Owner');
  const { chats, peers } = await shares(owner, 2);
  const { invite } = await owner.client.call('chatlists.exportChatlistInvite', { ...listOf(2), title: '', peers });
  const { otherDc } = t.server;
  const { client } = await t.signUp('Faraway', t.phone(otherDc), { dc: otherDc });
  const slug = invite.url.split('/').at(-1);
  const joined = told(await client.call('chatlists.joinChatlistInvite', { slug, peers: joinable(await client.call('chatlists.checkChatlistInvite', { slug })) }));
  assert.deepEqual(marked(joined.include_peers), chats);
  await owner.client.op('send', { peer: chats[0], text: 'to the other side' });
  await eventually(async () => assert.deepEqual(await history(client, chats[0]), ['to the other side']));
}];

export const sharedFolderFeatures = [
  ['shared folder: exported, joined, added to, left', async (t) => {
    const owner = await t.signUp('Owner');
    const other = await t.open();
    await other.op('start', { phone: owner.phone, code: t.code, firstName: 'unused' });
    const { chats, peers, title } = await shares(owner, 2);
    const mark = other.mark();
    const { filter, invite } = await owner.client.call('chatlists.exportChatlistInvite', { ...listOf(2), title: 'for friends', peers: peers.slice(0, 1) });
    assert.deepEqual([filter._, Boolean(filter.has_my_invites), titleOf(filter), invite.title], ['dialogFilterChatlist', true, title, 'for friends']);
    assert.match(invite.url, /^https:\/\/t\.me\/addlist\/[\w-]+$/);
    const shared = await other.update((u) => u._ === 'updateDialogFilter' && u.id === 2 && u.filter?._ === 'dialogFilterChatlist', 'the folder on the other device', 8000, mark);
    assert.equal(Boolean(shared.filter.has_my_invites), true);
    const slug = invite.url.split('/').at(-1);
    assert.deepEqual((await other.call('chatlists.getExportedInvites', listOf(2))).invites.map(({ url }) => url), [invite.url]);

    const { c: guest } = await trio(t);
    const preview = await guest.client.call('chatlists.checkChatlistInvite', { slug });
    assert.deepEqual([titleOf(preview), preview.emoticon, marked(preview.peers)], [title, '🌊', chats.slice(0, 1)]);
    const [chat] = preview.chats;
    assert.deepEqual([chat._, Boolean(chat.left), Boolean(chat.broadcast)], ['channel', true, true]);
    const joined = told(await guest.client.call('chatlists.joinChatlistInvite', { slug, peers: joinable(preview) }));
    assert.deepEqual([joined._, Boolean(joined.has_my_invites), titleOf(joined), marked(joined.include_peers)], ['dialogFilterChatlist', false, title, chats.slice(0, 1)]);
    const list = listOf(joined.id);
    const already = await guest.client.call('chatlists.checkChatlistInvite', { slug });
    assert.deepEqual([already.filter_id, marked(already.already_peers), already.missing_peers], [joined.id, chats.slice(0, 1), []]);
    await owner.client.op('send', { peer: chats[0], text: 'to those who came' });
    await eventually(async () => assert.deepEqual(await history(guest.client, chats[0]), ['to those who came']));

    assert.deepEqual((await guest.client.call('chatlists.getChatlistUpdates', list)).missing_peers, []);
    const edited = await owner.client.call('chatlists.editExportedInvite', { ...listOf(2), slug, peers });
    assert.deepEqual([edited.title, marked(edited.peers)], ['for friends', chats]);
    const news = await guest.client.call('chatlists.getChatlistUpdates', list);
    assert.deepEqual(marked(news.missing_peers), chats.slice(1));
    await guest.client.call('chatlists.hideChatlistUpdates', list);
    assert.deepEqual((await guest.client.call('chatlists.getChatlistUpdates', list)).missing_peers, []);
    const more = told(await guest.client.call('chatlists.joinChatlistUpdates', { ...list, peers: joinable(news) }));
    assert.deepEqual(marked(more.include_peers), chats);

    const suggested = await guest.client.call('chatlists.getLeaveChatlistSuggestions', list);
    assert.deepEqual(marked(suggested).sort(), [...chats].sort());
    const [, stays] = more.include_peers;
    const left = await guest.client.call('chatlists.leaveChatlist', { ...list, peers: more.include_peers.slice(0, 1) });
    assert.ok(left.updates.some((u) => u._ === 'updateDialogFilter' && u.id === joined.id && !u.filter));
    assert.deepEqual((await foldersOf(guest.client)).filter(({ id }) => id === joined.id), []);
    await expectError(guest.client.call('channels.getFullChannel', { channel: { ...more.include_peers[0], _: 'inputChannel' } }), 'CHANNEL_PRIVATE');
    await guest.client.call('channels.leaveChannel', { channel: { ...stays, _: 'inputChannel' } });

    assert.equal(await owner.client.call('chatlists.deleteExportedInvite', { ...listOf(2), slug }), true);
    await expectError(guest.client.call('chatlists.checkChatlistInvite', { slug }), 'INVITE_SLUG_EXPIRED');
    await expectError(guest.client.call('chatlists.joinChatlistInvite', { slug: '', peers: [] }), 'INVITE_SLUG_EMPTY');
  }],
  ['shared folder: what can\'t be', async (t) => {
    const owner = await t.signUp('Owner');
    const { chats, peers } = await shares(owner, 3);
    const { client } = owner;
    await expectError(client.call('chatlists.exportChatlistInvite', { ...listOf(9), title: '', peers }), 'FILTER_ID_INVALID');
    await expectError(client.call('chatlists.exportChatlistInvite', { ...listOf(3), title: '', peers: [] }), 'PEERS_LIST_EMPTY');
    await expectError(client.call('chatlists.getChatlistUpdates', listOf(3)), 'FILTER_NOT_SUPPORTED');
    const { invite } = await client.call('chatlists.exportChatlistInvite', { ...listOf(3), title: '', peers });
    const named = { title: { _: 'textWithEntities', text: 'x', entities: [] }, pinned_peers: [], include_peers: peers };
    await expectError(client.call('messages.updateDialogFilter', { id: 3, filter: { _: 'dialogFilter', id: 3, groups: true, exclude_peers: [], ...named } }), 'FILTER_NOT_SUPPORTED');
    await expectError(client.call('messages.updateDialogFilter', { id: 4, filter: { _: 'dialogFilterChatlist', id: 4, ...named } }), 'FILTER_ID_INVALID');
    const { c: guest } = await trio(t);
    const slug = invite.url.split('/').at(-1);
    await expectError(guest.client.call('chatlists.joinChatlistInvite', { slug, peers: [] }), 'FILTER_INCLUDE_EMPTY');
    await expectError(guest.client.call('chatlists.editExportedInvite', { ...listOf(3), slug, title: 'mine' }), 'FILTER_ID_INVALID');
    // Who was removed from one of them joins the other.
    await t.introduce(owner, guest.client, guest.id);
    await t.introduce(guest, client, owner.id);
    await client.op('addMember', { chat: chats[1], user: guest.id });
    await client.op('ban', { chat: chats[1], user: guest.id });
    const preview = await guest.client.call('chatlists.checkChatlistInvite', { slug });
    assert.deepEqual(preview.chats.map(({ _ }) => _).sort(), ['channel', 'channelForbidden']);
    const all = preview.chats.map((chat) => ({ _: 'inputPeerChannel', channel_id: chat.id, access_hash: chat.access_hash }));
    await expectError(guest.client.call('chatlists.joinChatlistInvite', { slug, peers: all.filter((_, index) => preview.chats[index]._ === 'channelForbidden') }), 'CHANNEL_PRIVATE');
    const joined = told(await guest.client.call('chatlists.joinChatlistInvite', { slug, peers: all }));
    assert.deepEqual(marked(joined.include_peers), chats.slice(0, 1));
    await guest.client.call('chatlists.leaveChatlist', { ...listOf(joined.id), peers: joined.include_peers });
  }],
  ['shared folder: by the library\'s own ways', async (t) => {
    if (!t.traits.joinsChatlists) return;
    const owner = await t.signUp('Owner');
    const { chats, peers, title } = await shares(owner, 2);
    const { invite } = await owner.client.call('chatlists.exportChatlistInvite', { ...listOf(2), title: '', peers });
    const { c: guest } = await trio(t);
    assert.deepEqual(await guest.client.op('chatlistPreview', { link: invite.url }), { title, joined: false, chats });
    const { id, include_peers } = await guest.client.op('joinChatlist', { link: invite.url });
    assert.deepEqual(marked(include_peers), chats);
    assert.deepEqual(await guest.client.op('chatlistPreview', { link: invite.url }), { title: '', joined: true, chats });
    await guest.client.call('chatlists.leaveChatlist', { ...listOf(id), peers: include_peers });
  }],
];
