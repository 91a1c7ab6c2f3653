import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { createKeyringClient } from '@heliograph/crypto/keyring-client';
import { BoxUpdateSchema, ContentSchema, type ChannelChangedSchema, DialogRecordSchema, MessageRecordSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readObject } from '@heliograph/tl/reader';
import { writeObject } from '@heliograph/tl/writer';
import { channelBox } from './box-id';
import { sealContent, type MessageContent } from './content';
import { dialogKeys, dialogSeal, draftScope } from './dialog-key';
import { reactionSeal, renderReactions, sealReaction } from './reactions';
import { groupSeal, sealRank } from './group-title';
import { renderDialog } from './render-dialog';
import { renderMessage } from './render-message';
import { renderForViewers, renderUpdates } from './render-update';

const CHANNEL = 1_000_000_034;
const BOX = channelBox(CHANNEL);
const AUTHOR = 34_000_002;
const NAMED = 34_000_034;
const OTHER = 34_000_066;
const keyring = createKeyringClient({ secret: async () => new Uint8Array(32), dataKey: async (scope) => ({ key: new Uint8Array(32).fill(scope.length), version: 1 }), deleteDataKey: async () => {} });
const peer = { _: 'peerChannel', channel_id: CHANNEL };
const user = (id: number) => ({ _: 'peerUser', user_id: id });

type Init = MessageInitShape<typeof MessageRecordSchema>;
const record = (more: Init = {}) => create(MessageRecordSchema, { id: 4, peer: BigInt(BOX), from: BigInt(AUTHOR), author: BigInt(AUTHOR), date: 9, pts: 4, ...more });
const POST: Init = { from: 0n };
const ANONYMOUS: Init = { from: BigInt(BOX) };
const NAMING: Init = { mentions: [BigInt(NAMED), BigInt(AUTHOR)] };
const text: MessageContent = { _: 'heliograph.messageContent', message: 'hi' };
/** Those fields that are expected, absent ones too. */
const pick = (given: object, expected: object) => Object.fromEntries(Object.keys(expected).map((key) => [key, given[key as keyof typeof given]]));
const notice: MessageContent = { _: 'heliograph.messageContent', message: '', action: { _: 'messageActionPinMessage' } };

test('what its author is called goes with a message: by now where somebody looked, else as when it was written; not with who writes as the group', async () => {
  const rankSealed = sealRank(await groupSeal(keyring, 2, BOX), BOX, 'cook');
  const content = sealContent(await groupSeal(keyring, 2, BOX), AUTHOR, BOX, text);
  const pushed = async (more: Init) => (await renderUpdates(keyring, BOX, [create(BoxUpdateSchema, { change: { case: 'message', value: { ...record(more), content: create(ContentSchema, content) } } })], 9)).updates[0];
  expect(await pushed({ rankSealed })).toMatchObject({ message: { from_rank: 'cook' } });
  expect(((await pushed({})) as { message: object }).message).toMatchObject({ from_rank: undefined });
  expect(renderMessage(BOX, record({ rankSealed }), text, false, undefined, { viewer: OTHER, rankOf: () => 'chef' })).toMatchObject({ from_rank: 'chef' });
  expect(renderMessage(BOX, record(ANONYMOUS), text, false, undefined, { viewer: OTHER, rankOf: () => 'chef' })).not.toHaveProperty('from_rank');
});

describe('a message of a channel', () => {
  test.each<[name: string, given: Init, content: MessageContent, viewer: number, expected: object]>([
    ['of a member', {}, text, OTHER, { _: 'message', id: 4, from_id: user(AUTHOR), peer_id: peer, out: undefined, post: undefined, mentioned: undefined, views: undefined }],
    ['one’s own', {}, text, AUTHOR, { from_id: user(AUTHOR), out: true }],
    ['to nobody in particular', NAMING, text, 0, { out: undefined, mentioned: undefined, media_unread: undefined }],
    ['that names the viewer', NAMING, text, NAMED, { mentioned: true, media_unread: true }],
    ['that names its author', NAMING, text, AUTHOR, { out: true, mentioned: undefined, media_unread: undefined }],
    ['of an anonymous admin', ANONYMOUS, text, OTHER, { from_id: peer, out: undefined, post: undefined, views: undefined }],
    ['of an anonymous admin to the admin', ANONYMOUS, text, AUTHOR, { from_id: peer, out: true }],
    ['of a broadcast that leads to its author', { ...POST, signed: true }, text, OTHER, { from_id: user(AUTHOR), post: true, views: 1 }],
    ['of a broadcast', POST, text, OTHER, { from_id: undefined, post: true, views: 1, forwards: 0 }],
    ['of a broadcast to its author', { ...POST, fromScheduled: true }, text, AUTHOR, { from_id: undefined, post: true, out: true, from_scheduled: true }],
    ['of a broadcast that was scheduled', { ...POST, fromScheduled: true }, text, OTHER, { from_scheduled: undefined }],
    ['that is signed', POST, { ...text, post_author: 'Ada' }, OTHER, { post: true, post_author: 'Ada' }],
    ['in a thread', { threadId: 2, replyToId: 3 }, text, OTHER, { reply_to: { _: 'messageReplyHeader', reply_to_msg_id: 3, reply_to_top_id: 2 } }],
    ['that answers the first of a thread', { threadId: 2, replyToId: 2 }, text, OTHER, { reply_to: { _: 'messageReplyHeader', reply_to_msg_id: 2 } }],
    ['that a thread begins with', { replyCount: 2, lastReplyId: 8, lastRepliers: [BigInt(NAMED), BigInt(BOX)] }, text, OTHER, { replies: { _: 'messageReplies', replies: 2, replies_pts: 8, max_id: 8, recent_repliers: [user(NAMED), peer] } }],
    ['of a broadcast that is discussed', { ...POST, discussion: 7n }, text, OTHER, { replies: { _: 'messageReplies', comments: true, channel_id: 7, replies: 0, replies_pts: 0 } }],
    ['of a broadcast that is discussed, and was edited', { ...POST, discussion: 7n, editDate: 10 }, text, OTHER, { replies: undefined }],
    ['that is a copy of a broadcast’s post', { from: BigInt(BOX - 1), author: 0n, uid: { box: BigInt(BOX - 1), id: 3 } }, text, OTHER, { from_id: { _: 'peerChannel', channel_id: CHANNEL + 1 }, post: undefined, out: undefined, replies: { _: 'messageReplies', replies: 0, replies_pts: 4, max_id: undefined, read_max_id: undefined, recent_repliers: undefined } }],
    ['that nobody has answered', {}, text, OTHER, { replies: { _: 'messageReplies', replies: 0, replies_pts: 4 } }],
    ['that is an answer itself', { threadId: 2, replyToId: 2 }, text, OTHER, { replies: undefined }],
    ['of a broadcast, that no thread begins with', POST, text, OTHER, { replies: undefined }],
    ['that says what was done', {}, notice, OTHER, { _: 'messageService', from_id: user(AUTHOR), peer_id: peer, post: undefined }],
    ['that says what was done in a broadcast', POST, notice, AUTHOR, { _: 'messageService', from_id: undefined, post: true, out: true }],
  ])('%s', (_name, given, content, viewer, expected) => {
    const message = renderMessage(BOX, record(given), content, false, undefined, { viewer });
    expect(pick(message, expected)).toEqual(expected);
    writeObject(message, 'newest');
  });

  test('shows what the viewer has seen, and how many others have', () => {
    const seen = renderMessage(BOX, record(NAMING), text, true, undefined, { viewer: NAMED, isUnread: () => false });
    expect(seen).toMatchObject({ mentioned: true, pinned: true });
    expect(seen.media_unread).toBeUndefined();
    expect(renderMessage(BOX, record(POST), text, false, undefined, { viewer: OTHER, countsOf: (id) => ({ views: id * 10, forwards: 3 }) })).toMatchObject({ views: 40, forwards: 3 });
  });
});

describe('a change of a channel', () => {
  const render = async (change: MessageInitShape<typeof BoxUpdateSchema>['change'], viewer = 0) => {
    const updates = await renderUpdates(keyring, BOX, [create(BoxUpdateSchema, { pts: 7, ptsCount: 1, change })], 99, undefined, { viewer });
    writeObject(updates, 'newest');
    return updates.updates[0];
  };
  const changed = (value: MessageInitShape<typeof ChannelChangedSchema>) => ({ case: 'channel' as const, value });
  const sealed = async () => sealContent(await dialogSeal(keyring, 2, AUTHOR, BOX), AUTHOR, BOX, text);

  test.each<[name: string, change: MessageInitShape<typeof BoxUpdateSchema>['change'], viewer: number, expected: object | undefined]>([
    ['messages deleted', { case: 'deleted', value: { ids: [3, 4] } }, 0, { _: 'updateDeleteChannelMessages', channel_id: CHANNEL, messages: [3, 4], pts: 7, pts_count: 1 }],
    ['a message pinned', { case: 'pinned', value: { peer: BigInt(BOX), ids: [3], pinned: true } }, 0, { _: 'updatePinnedChannelMessages', pinned: true, channel_id: CHANNEL, messages: [3], pts: 7, pts_count: 1 }],
    ['something of it', changed({}), 0, { _: 'updateChannel', channel_id: CHANNEL }],
    ['its default rights', changed({ defaultBanned: true }), OTHER, { _: 'updateChannel', channel_id: CHANNEL }],
    ['who came', changed({ joined: [BigInt(OTHER)] }), OTHER, undefined],
    ['another’s rights', changed({ participant: BigInt(NAMED) }), OTHER, undefined],
    ['one’s own rights', changed({ participant: BigInt(NAMED) }), NAMED, { _: 'updateChannel', channel_id: CHANNEL }],
    ['what somebody read', changed({ firstReader: BigInt(NAMED), firstReadId: 9, secondReadId: 5 }), 0, { _: 'updateReadChannelOutbox', channel_id: CHANNEL, max_id: 9 }],
    ['what others read, to the first reader', changed({ firstReader: BigInt(NAMED), firstReadId: 9, secondReadId: 5 }), NAMED, { _: 'updateReadChannelOutbox', channel_id: CHANNEL, max_id: 5 }],
    ['what nobody else read, to the first reader', changed({ firstReader: BigInt(NAMED), firstReadId: 9 }), NAMED, undefined],
  ])('%s', async (_name, change, viewer, expected) => {
    const update = await render(change, viewer);
    if (expected === undefined) expect(update).toBeUndefined();
    else expect(update).toMatchObject(expected);
  });

  test('messages, written and edited', async () => {
    const value = record({ content: await sealed() });
    expect(await render({ case: 'message', value })).toMatchObject({ _: 'updateNewChannelMessage', message: { message: 'hi', peer_id: peer }, pts: 7, pts_count: 1 });
    expect(await render({ case: 'edited', value }, AUTHOR)).toMatchObject({ _: 'updateEditChannelMessage', message: { message: 'hi', out: true } });
  });

  test('is rendered once for each kind of viewer', async () => {
    const value = record({ content: await sealed(), mentions: [BigInt(NAMED), BigInt(OTHER), BigInt(AUTHOR)] });
    const { most, apart } = await renderForViewers(keyring, BOX, [create(BoxUpdateSchema, { pts: 7, ptsCount: 1, change: { case: 'message', value } })], 99);
    expect(most).toMatchObject({ date: 99, updates: [{ message: { message: 'hi' } }] });
    expect(apart).toMatchObject([
      { users: [AUTHOR], updates: { updates: [{ message: { out: true } }] } },
      { users: [NAMED, OTHER], updates: { updates: [{ message: { mentioned: true, media_unread: true } }] } },
    ]);
  });
});

test('who reacted is told in a supergroup, not in a broadcast', async () => {
  const seal = await reactionSeal(keyring, 2, OTHER, BOX);
  const reactions = [{ user: BigInt(OTHER), date: 5, ...sealReaction(seal, OTHER, BOX, '👍') }];
  const render = async (more: Init, viewer: number) => {
    const given = create(MessageRecordSchema, { id: 4, peer: BigInt(BOX), from: BigInt(AUTHOR), ...more, reactions } as Init);
    return renderReactions(await dialogKeys(keyring, BOX, [given]), BOX, given, viewer);
  };
  expect(await render({}, OTHER)).toMatchObject({ can_see_list: true, results: [{ count: 1, chosen_order: 1 }], recent_reactions: [{ peer_id: user(OTHER), my: true }] });
  expect(await render(POST, AUTHOR)).toEqual({ _: 'messageReactions', results: [{ _: 'reactionCount', reaction: { _: 'reactionEmoji', emoticon: '👍' }, count: 1 }] });
  expect(await render({}, 0)).toMatchObject({ min: true });
});

test('a reaction is new to the author of the message alone', async () => {
  const seal = await reactionSeal(keyring, 2, OTHER, BOX);
  const reactions = [NAMED, OTHER].map((each) => ({ user: BigInt(each), date: 5, ...sealReaction(seal, each, BOX, '👍') }));
  const given = record({ reactions });
  const keys = await dialogKeys(keyring, BOX, [given]);
  expect(renderReactions(keys, BOX, given, AUTHOR, (id, who) => id === given.id && who === NAMED).recent_reactions).toMatchObject([{ peer_id: user(OTHER) }, { peer_id: user(NAMED), unread: true }]);
  const update = (author: number) => create(BoxUpdateSchema, { change: { case: 'reactions', value: { peer: BigInt(BOX), id: 4, author: BigInt(author), reactions } } });
  const { most, apart } = await renderForViewers(keyring, BOX, [update(AUTHOR)], 99);
  expect(most).toMatchObject({ updates: [{ _: 'updateMessageReactions', reactions: { min: true } }] });
  expect(apart).toMatchObject([{ users: [AUTHOR], updates: { updates: [{ reactions: { recent_reactions: [{ peer_id: user(OTHER), unread: true }, { peer_id: user(NAMED) }] } }] } }]);
  expect((await renderForViewers(keyring, BOX, [update(0)], 99)).apart).toEqual([]);
});

describe('what a member’s own box says of a channel', () => {
  test.each<[change: MessageInitShape<typeof BoxUpdateSchema>['change'], expected: object | undefined]>([
    [{ case: 'membership', value: { channel: BigInt(BOX), present: true } }, { _: 'updateChannel', channel_id: CHANNEL }],
    [{ case: 'mentioned', value: { channel: BigInt(BOX), id: 4 } }, undefined],
    [{ case: 'inboxRead', value: { peer: BigInt(BOX), maxId: 8, stillUnread: 2, folderId: 1, channelPts: 12 } }, { _: 'updateReadChannelInbox', channel_id: CHANNEL, max_id: 8, still_unread_count: 2, folder_id: 1, pts: 12 }],
    [{ case: 'channelHistoryCleared', value: { channel: BigInt(BOX), maxId: 4 } }, { _: 'updateChannelAvailableMessages', channel_id: CHANNEL, available_min_id: 4 }],
    [{ case: 'threadRead', value: { channel: BigInt(BOX), thread: { id: 4, maxId: 8, broadcast: 7n, post: 3 } } }, { _: 'updateReadChannelDiscussionInbox', channel_id: CHANNEL, top_msg_id: 4, read_max_id: 8, broadcast_id: 7, broadcast_post: 3 }],
    [{ case: 'threadRead', value: { channel: BigInt(BOX), thread: { id: 4, maxId: 8 } } }, { _: 'updateReadChannelDiscussionInbox', channel_id: CHANNEL, top_msg_id: 4, read_max_id: 8 }],
    [{ case: 'channelContentsRead', value: { channel: BigInt(BOX), ids: [4] } }, { _: 'updateChannelReadMessagesContents', channel_id: CHANNEL, messages: [4] }],
    [{ case: 'dialogPin', value: { peer: BigInt(BOX), pinned: true } }, { _: 'updateDialogPinned', pinned: true, peer: { _: 'dialogPeer', peer } }],
    [{ case: 'draft', value: { peer: BigInt(BOX), date: 5 } }, { _: 'updateDraftMessage', peer, draft: { _: 'draftMessageEmpty', date: 5 } }],
  ])('%j', async (change, expected) => {
    const { updates } = await renderUpdates(keyring, AUTHOR, [create(BoxUpdateSchema, { change })], 99);
    if (expected === undefined) expect(updates).toEqual([]);
    else expect(readObject(writeObject(updates[0] as object as { _: 'updateConfig' }, 'newest'), 'Update')).toMatchObject(expected);
  });

  test('its dialog', async () => {
    const key = await keyring.dataKey(draftScope(AUTHOR));
    const dialog = create(DialogRecordSchema, { peer: BigInt(BOX), topId: 9, readInboxMaxId: 4, unreadCount: 3, membership: { present: true, mentions: [8] }, unreadMentionsCount: 1 });
    expect(renderDialog(AUTHOR, dialog, key, 12)).toMatchObject({ _: 'dialog', peer, top_message: 9, unread_count: 3, unread_mentions_count: 1, pts: 12 });
  });
});
