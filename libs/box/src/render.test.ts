import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { createKeyringClient } from '@heliograph/crypto/keyring-client';
import { BoxUpdateSchema, DialogRecordSchema, type GroupChangeSchema, MessageRecordSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { writeObject } from '@heliograph/tl/writer';
import { readObject } from '@heliograph/tl/reader';
import { channelBox } from './box-id';
import { sealContent, sealDraft, type MessageContent } from './content';
import { dialogSeal, draftScope } from './dialog-key';
import { renderDialog } from './render-dialog';
import { renderMessage } from './render-message';
import { renderUpdates } from './render-update';

const BOX = 34_000_002;
const PEER = 34_000_034;
const keyring = createKeyringClient({ secret: async () => new Uint8Array(32), dataKey: async (scope) => ({ key: new Uint8Array(32).fill(scope.length), version: 1 }), deleteDataKey: async () => {} });
const peer = { _: 'peerUser', user_id: PEER };
const GROUP = -1_048_611;
const chat = { _: 'peerChat', chat_id: 1_048_611 };

const text: MessageContent = { _: 'heliograph.messageContent', message: 'hi' };
const record = (more: MessageInitShape<typeof MessageRecordSchema> = {}) => create(MessageRecordSchema, { id: 4, peer: BigInt(PEER), from: BigInt(PEER), date: 9, ...more });

describe('renderMessage', () => {
  test.each<[name: string, given: MessageInitShape<typeof MessageRecordSchema>, content: MessageContent, pinned: boolean, expected: object]>([
    ['an incoming text', {}, text, false, { _: 'message', id: 4, from_id: peer, peer_id: peer, date: 9, message: 'hi' }],
    ['an outgoing one', { out: true, from: BigInt(BOX) }, text, false, { out: true, from_id: { user_id: BOX }, peer_id: peer }],
    ['flags', { silent: true, noforwards: true, mediaUnread: true, mentioned: true, ttlPeriod: 60 }, text, true, { silent: true, noforwards: true, media_unread: true, mentioned: true, ttl_period: 60, pinned: true }],
    ['what had been scheduled', { out: true, fromScheduled: true }, text, false, { out: true, from_scheduled: true }],
    ['an edit', { editDate: 12 }, text, false, { edit_date: 12 }],
    ['a hidden edit', { editDate: 12, editHide: true }, text, false, { edit_date: 12, edit_hide: true }],
    ['a note to oneself', { peer: BigInt(BOX), from: BigInt(BOX), out: true }, text, false, { saved_peer_id: { _: 'peerUser', user_id: BOX } }],
    ['a reply', { replyToId: 3 }, text, false, { reply_to: { _: 'messageReplyHeader', reply_to_msg_id: 3 } }],
    ['a reply with a quote', { replyToId: 3 }, { ...text, quote_text: 'q', quote_offset: 2 }, false, { reply_to: { reply_to_msg_id: 3, quote: true, quote_text: 'q', quote_offset: 2 } }],
    ['a reply to what is gone here', {}, { ...text, quote_text: 'q' }, false, { reply_to: { quote_text: 'q' } }],
    ['one in a group', { peer: BigInt(GROUP) }, text, false, { _: 'message', from_id: peer, peer_id: chat }],
    ['one’s own in a group', { peer: BigInt(GROUP), from: BigInt(BOX), out: true }, text, false, { out: true, from_id: { user_id: BOX }, peer_id: chat }],
    ['a notice in a group', { peer: BigInt(GROUP) }, { _: 'heliograph.messageContent', message: '', action: { _: 'messageActionChatAddUser', users: [BOX] } }, false, { _: 'messageService', from_id: peer, peer_id: chat, action: { users: [BOX] } }],
    ['a notice', { replyToId: 3 }, { _: 'heliograph.messageContent', message: '', action: { _: 'messageActionPinMessage' } }, false, { _: 'messageService', action: { _: 'messageActionPinMessage' }, reply_to: { reply_to_msg_id: 3 } }],
  ])('%s', (_name, given, content, pinned, expected) => {
    const message = renderMessage(BOX, record(given), content, pinned);
    expect(message).toMatchObject(expected);
    expect(readObject(writeObject(message, 'newest'), 'Message')).toMatchObject(expected);
  });
});

test('nothing in Saved Messages is outgoing, as TDLib demands', () => {
  const own = { peer: BigInt(BOX), from: BigInt(BOX), out: true };
  expect(renderMessage(BOX, record(own), text, false).out).toBeUndefined();
  expect(renderMessage(BOX, record(own), { ...text, action: { _: 'messageActionPinMessage' } }, false).out).toBeUndefined();
});

describe('renderUpdates', () => {
  const render = async (change: MessageInitShape<typeof BoxUpdateSchema>['change'], pts = 7, ptsCount = 1) => {
    const updates = await renderUpdates(keyring, BOX, [create(BoxUpdateSchema, { pts, ptsCount, change })], 99);
    expect(readObject(writeObject(updates, 'newest'), 'Updates')).toMatchObject({ _: 'updates', date: 99, seq: 0 });
    return updates.updates[0];
  };
  const id = BigInt(PEER);
  const told = (change: MessageInitShape<typeof GroupChangeSchema>['change']) => ({ case: 'group' as const, value: { group: BigInt(GROUP), change: { version: 6, change } } });

  test.each<[name: string, change: MessageInitShape<typeof BoxUpdateSchema>['change'], expected: object]>([
    ['deleted', { case: 'deleted', value: { ids: [1, 2] } }, { _: 'updateDeleteMessages', messages: [1, 2], pts: 7, pts_count: 1 }],
    ['read here', { case: 'inboxRead', value: { peer: id, maxId: 3, stillUnread: 2 } }, { _: 'updateReadHistoryInbox', peer, max_id: 3, still_unread_count: 2, pts: 7, pts_count: 1 }],
    ['read there', { case: 'outboxRead', value: { peer: id, maxId: 3 } }, { _: 'updateReadHistoryOutbox', peer, max_id: 3, pts: 7 }],
    ['pinned', { case: 'pinned', value: { peer: id, ids: [3], pinned: true } }, { _: 'updatePinnedMessages', pinned: true, peer, messages: [3], pts: 7 }],
    ['unpinned', { case: 'pinned', value: { peer: id, ids: [3] } }, { _: 'updatePinnedMessages', pinned: undefined }],
    ['contents read', { case: 'contentsRead', value: { ids: [3] } }, { _: 'updateReadMessagesContents', messages: [3], pts: 7 }],
    ['a draft erased', { case: 'draft', value: { peer: id } }, { _: 'updateDraftMessage', peer, draft: { _: 'draftMessageEmpty' } }],
    ['a dialog pinned', { case: 'dialogPin', value: { peer: id, pinned: true } }, { _: 'updateDialogPinned', pinned: true, peer: { _: 'dialogPeer', peer } }],
    ['dialogs in order', { case: 'pinnedDialogs', value: { order: [id] } }, { _: 'updatePinnedDialogs', order: [{ _: 'dialogPeer', peer }] }],
    ['read in a group', { case: 'inboxRead', value: { peer: BigInt(GROUP), maxId: 3 } }, { _: 'updateReadHistoryInbox', peer: chat }],
    ['a group pinned', { case: 'dialogPin', value: { peer: BigInt(GROUP), pinned: true } }, { _: 'updateDialogPinned', peer: { _: 'dialogPeer', peer: chat } }],
    ['somebody added', told({ case: 'added', value: { user: id, inviter: BigInt(BOX), date: 8 } }), { _: 'updateChatParticipantAdd', chat_id: chat.chat_id, user_id: PEER, inviter_id: BOX, date: 8, version: 6 }],
    ['somebody removed', told({ case: 'removed', value: id }), { _: 'updateChatParticipantDelete', chat_id: chat.chat_id, user_id: PEER, version: 6 }],
    ['an admin', told({ case: 'admin', value: { user: id, admin: true } }), { _: 'updateChatParticipantAdmin', chat_id: chat.chat_id, user_id: PEER, is_admin: true, version: 6 }],
    ['one no more', told({ case: 'admin', value: { user: id } }), { _: 'updateChatParticipantAdmin', is_admin: false }],
    ['default rights', told({ case: 'defaultBanned', value: 1 << 1 | 1 << 17 }), { _: 'updateChatDefaultBannedRights', peer: chat, default_banned_rights: { send_messages: true, pin_messages: true, until_date: 0x7fffffff }, version: 6 }],
    ['something else about a group', told({ case: 'other', value: true }), { _: 'updateChat', chat_id: chat.chat_id }],
    ['what waits no more', { case: 'scheduledGone', value: { peer: id, ids: [3], sentIds: [8] } }, { _: 'updateDeleteScheduledMessages', peer, messages: [3], sent_messages: [8] }],
    ['what was given up', { case: 'scheduledGone', value: { peer: BigInt(GROUP), ids: [3] } }, { _: 'updateDeleteScheduledMessages', peer: chat, messages: [3], sent_messages: undefined }],
    ['a period', { case: 'historyTtl', value: { peer: id, period: 60 } }, { _: 'updatePeerHistoryTTL', peer, ttl_period: 60 }],
    ['a period no more', { case: 'historyTtl', value: { peer: id } }, { _: 'updatePeerHistoryTTL', ttl_period: undefined }],
    ['a mark', { case: 'unreadMark', value: { peer: id, unread: true } }, { _: 'updateDialogUnreadMark', unread: true, peer: { _: 'dialogPeer', peer } }],
  ])('%s', async (_name, change, expected) => {
    expect(await render(change)).toMatchObject(expected);
  });

  test.each([['message', 'updateNewMessage'], ['edited', 'updateEditMessage']] as const)('%s', async (kind, name) => {
    const content = sealContent(await dialogSeal(keyring, 2, BOX, PEER), BOX, PEER, text);
    expect(await render({ case: kind, value: { ...record(), content } as MessageInitShape<typeof MessageRecordSchema> })).toMatchObject({ _: name, pts: 7, pts_count: 1, message: { id: 4, message: 'hi' } });
  });

  test('what waits to be sent', async () => {
    const content = sealContent(await dialogSeal(keyring, 2, BOX, PEER), BOX, PEER, text);
    expect(await render({ case: 'scheduled', value: { id: 3, peer: id, at: 500, content: { $typeName: 'heliograph.box.v1.Content', ...content }, replyToLocalId: 2, silent: true } }, 0, 0)).toMatchObject({
      _: 'updateNewScheduledMessage', message: { id: 3, date: 500, out: true, from_scheduled: true, silent: true, message: 'hi', from_id: { user_id: BOX }, peer_id: peer, reply_to: { reply_to_msg_id: 2 } },
    });
  });

  test('a post of a broadcast that waits', async () => {
    const content = sealContent(await dialogSeal(keyring, 2, BOX, channelBox(7)), BOX, channelBox(7), text);
    const { message } = await render({ case: 'scheduled', value: { id: 3, peer: BigInt(channelBox(7)), at: 500, content: { $typeName: 'heliograph.box.v1.Content', ...content }, post: true } }, 0, 0) as { message: object };
    expect(message).toMatchObject({ id: 3, out: true, post: true, from_scheduled: true, peer_id: { channel_id: 7 } });
    expect(message).not.toMatchObject({ from_id: expect.anything() as unknown });
  });

  test('a draft', async () => {
    const sealed = sealDraft(await keyring.dataKey(draftScope(BOX)), BOX, PEER, { _: 'heliograph.draft', message: 'half', date: 5 });
    expect(await render({ case: 'draft', value: { peer: id, sealed, date: 5 } }, 0, 0)).toMatchObject({ _: 'updateDraftMessage', draft: { _: 'draftMessage', message: 'half' } });
  });
});

test('a message and a draft of a group open for a member', async () => {
  const content = sealContent(await dialogSeal(keyring, 2, BOX, GROUP), BOX, GROUP, text);
  const sealed = sealDraft(await keyring.dataKey(draftScope(BOX)), BOX, GROUP, { _: 'heliograph.draft', message: 'half', date: 5 });
  const { updates } = await renderUpdates(keyring, BOX, [
    create(BoxUpdateSchema, { change: { case: 'message', value: { ...record({ peer: BigInt(GROUP) }), content } as MessageInitShape<typeof MessageRecordSchema> } }),
    create(BoxUpdateSchema, { change: { case: 'draft', value: { peer: BigInt(GROUP), sealed, date: 5 } } }),
  ], 99);
  expect(updates).toMatchObject([{ message: { peer_id: chat, message: 'hi' } }, { peer: chat, draft: { message: 'half' } }]);
});

test('renderDialog of a group', async () => {
  const dialog = create(DialogRecordSchema, { peer: BigInt(GROUP), topId: 8, unreadMentionsCount: 2 });
  expect(renderDialog(BOX, dialog, await keyring.dataKey(draftScope(BOX)))).toMatchObject({ peer: chat, top_message: 8, unread_mentions_count: 2 });
});

test('renderDialog', async () => {
  const key = await keyring.dataKey(draftScope(BOX));
  const draftSealed = sealDraft(key, BOX, PEER, { _: 'heliograph.draft', message: 'half', date: 5 });
  const dialog = create(DialogRecordSchema, { peer: BigInt(PEER), topId: 8, unreadCount: 2, readInboxMaxId: 5, readOutboxMaxId: 6, pinnedOrder: 1, unreadMark: true, draftSealed });
  expect(renderDialog(BOX, dialog, key)).toEqual({
    _: 'dialog', peer, top_message: 8, unread_count: 2, read_inbox_max_id: 5, read_outbox_max_id: 6, pinned: true, unread_mark: true,
    unread_mentions_count: 0, unread_reactions_count: 0, unread_poll_votes_count: 0, notify_settings: { _: 'peerNotifySettings' }, draft: { _: 'draftMessage', message: 'half', date: 5 },
  });
});
