import { create } from '@bufbuild/protobuf';
import { channelBox } from '@heliograph/box/box-id';
import { GetChannelsResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import { GetChatViewsResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/group_box_pb';
import { GetViewsResponseSchema } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import { fakeClock, type FakeClock } from '@heliograph/testing/fake-clock';
import type { TypeChat, TypeUser } from '@heliograph/tl/api';
import { accessHash } from './access-hash';
import { createDresser, type Dresser } from './dress';
import { DRESSED_CHAT_TTL_MS } from './limits';

const VIEWER = 34_000_002;
const OTHER = 34_000_034;
const [CHAT, SECOND] = [1_048_610, 1_048_642];
/** Of DC 2, and one of DC 3. */
const [CHANNEL, ABROAD, NOWHERE] = [1_000_000_002, 1_000_000_003, 1_000_000_004];

let clock: FakeClock;
let dresser: Dresser;
/** What the message store says now, and what it was asked. */
let titles: Map<number, string>;
let asked: number[][];
let askedChannels: { dc: number; ids: number[] }[];
let unreachable: Set<number>;
/** Channels without a public name. */
let hidden: Set<number>;
let release: (() => void) | undefined;
let held: Promise<void>;
beforeEach(() => {
  clock = fakeClock();
  titles = new Map([[CHAT, 'Garden'], [SECOND, 'Club'], [CHANNEL, 'Harbour'], [ABROAD, 'Island']]);
  asked = [];
  askedChannels = [];
  unreachable = new Set();
  hidden = new Set();
  held = Promise.resolve();
  dresser = createDresser({
    clock,
    secretOf: () => new Uint8Array(32),
    users: { getViews: async ({ userIds }) => create(GetViewsResponseSchema, { users: (userIds ?? []).map((id) => ({ id, firstName: `user ${id}` })) }) },
    chats: {
      getChatViews: async ({ viewerId, chatIds }, options) => {
        expect([Number(viewerId), options?.routeKey]).toEqual([VIEWER, VIEWER]);
        asked.push((chatIds ?? []).map(Number));
        const answer = create(GetChatViewsResponseSchema, { chats: (chatIds ?? []).map((id) => (titles.has(Number(id)) ? { id, title: titles.get(Number(id)), view: { memberCount: 2 } } : { id, unknown: true })) });
        await held;
        return answer;
      },
    },
    channelsOf: (dc) => (dc > 3 ? undefined : {
      getChannels: async ({ viewer, channels, brief }) => {
        expect([Number(viewer), brief]).toEqual([VIEWER, true]);
        if (unreachable.has(dc)) throw new CallError('UNAVAILABLE', 'cut off');
        const ids = (channels ?? []).map((box) => Number(box) * -1 - 10 ** 12);
        askedChannels.push({ dc, ids });
        const there = ids.filter((id) => titles.has(id));
        const answer = create(GetChannelsResponseSchema, { channels: there.map((id) => ({ channel: BigInt(channelBox(id)), title: titles.get(id), record: { username: hidden.has(id) ? '' : 'harbour', memberCount: 2 } })) });
        await held;
        return answer;
      },
    }),
  });
});

interface Dressed { users: TypeUser[]; chats: TypeChat[] }
const peer = (chat_id: number) => ({ _: 'peerChat', chat_id });
const text = (chat: number) => ({ _: 'updateNewMessage', message: { _: 'message', id: 1, peer_id: peer(chat), from_id: { _: 'peerUser', user_id: OTHER }, date: 1, message: '' }, pts: 1, pts_count: 1 });
const notice = (chat: number) => ({ _: 'updateNewMessage', message: { _: 'messageService', id: 1, peer_id: peer(chat), date: 1, action: { _: 'messageActionChatEditTitle', title: '' } }, pts: 1, pts_count: 1 });
const updates = (...all: object[]): Dressed & { _: string; updates: object[] } => ({ _: 'updates', updates: all, users: [], chats: [] });
const history = (chat: number) => ({ _: 'messages.messages', messages: [text(chat).message], topics: [], users: [] as TypeUser[], chats: [] as TypeChat[] });

async function dress<T extends object>(value: T): Promise<T> {
  await dresser.dress(VIEWER, value);
  return value;
}
const titlesOf = ({ chats }: { chats: TypeChat[] }): string[] => chats.map((chat) => (chat._ === 'chatEmpty' ? `nothing of ${chat.id}` : chat.title));

function hold(): void {
  held = new Promise((resolve) => (release = resolve));
}

test('an object gets the groups and the users that it mentions', async () => {
  const dressed = await dress(updates(text(CHAT), text(SECOND), text(9)));
  expect(titlesOf(dressed).sort()).toEqual(['Club', 'Garden', 'nothing of 9']);
  expect(dressed.users).toMatchObject([{ id: OTHER, first_name: `user ${OTHER}` }]);
  expect(asked).toEqual([[CHAT, SECOND, 9]]);
});

test('what is remembered costs no promise, and is asked for anew in time', async () => {
  await dress(history(CHAT));
  const again = history(CHAT);
  expect(dresser.dress(VIEWER, again)).toBeUndefined();
  expect(titlesOf(again)).toEqual(['Garden']);
  await clock.advance(DRESSED_CHAT_TTL_MS);
  await dress(history(CHAT));
  expect(asked).toHaveLength(2);
});

test.each([
  ['a notice', notice(CHAT)],
  ['a change', { _: 'updateChat', chat_id: CHAT }],
  ['somebody who came', { _: 'updateChatParticipantAdd', chat_id: CHAT, user_id: OTHER, inviter_id: OTHER, date: 1, version: 2 }],
  ['somebody who went', { _: 'updateChatParticipantDelete', chat_id: CHAT, user_id: OTHER, version: 2 }],
  ['an admin', { _: 'updateChatParticipantAdmin', chat_id: CHAT, user_id: OTHER, is_admin: true, version: 2 }],
  ['default rights', { _: 'updateChatDefaultBannedRights', peer: peer(CHAT), default_banned_rights: { _: 'chatBannedRights', until_date: 1 }, version: 2 }],
])('after %s the group is seen as it is now, from then on', async (_name, update) => {
  await dress(updates(text(CHAT), text(SECOND)));
  titles.set(CHAT, 'Orchard');
  expect(titlesOf(await dress(updates(update)))).toEqual(['Orchard']);
  expect(titlesOf(await dress(history(CHAT)))).toEqual(['Orchard']);
  expect(asked).toEqual([[CHAT, SECOND], [CHAT]]);
});

test('an answer that was on its way when the group changed is not remembered', async () => {
  hold();
  const first = dress(history(CHAT));
  titles.set(CHAT, 'Orchard');
  const second = dress(updates(notice(CHAT)));
  release?.();
  expect(titlesOf(await second)).toEqual(['Orchard']);
  await first;
  expect(titlesOf(await dress(history(CHAT)))).toEqual(['Orchard']);
  expect(asked).toHaveLength(2);
});

test.each(['updates.difference', 'messages.dialogs', 'messages.peerDialogs', 'messages.chatFull'])('%s always brings groups as they are now', async (kind) => {
  await dress(history(CHAT));
  titles.set(CHAT, 'Orchard');
  expect(titlesOf(await dress({ ...history(CHAT), _: kind, dialogs: [], new_messages: [], other_updates: [], full_chat: undefined, chats: [{ _: 'chatEmpty', id: CHAT }] as TypeChat[] }))).toEqual(['Orchard']);
});

test('groups alone are filled where there are no users', async () => {
  const value = await dress({ _: 'messages.chats', chats: [{ _: 'chatEmpty', id: SECOND }, { _: 'chatEmpty', id: CHAT }] as TypeChat[] });
  expect(titlesOf(value)).toEqual(['Club', 'Garden']);
});

test('the updates inside a result are filled with whom the result mentions', async () => {
  const value = await dress({ _: 'messages.invitedUsers', updates: updates(notice(CHAT)), missing_invitees: [{ _: 'missingInvitee', user_id: OTHER }] });
  expect(titlesOf(value.updates)).toEqual(['Garden']);
  expect(value.updates.users.map(({ id }) => id)).toEqual([OTHER]);
});

test('the updates of who joined by a link are filled too', async () => {
  await dress(history(CHAT));
  titles.set(CHAT, 'Orchard');
  const value = await dress({ _: 'messages.chatInviteJoinResultOk', updates: updates(notice(CHAT)) });
  expect(titlesOf(value.updates)).toEqual(['Orchard']);
});

test('an invite link shows the group to who is in it, and who is in it to others', async () => {
  expect(await dress({ _: 'chatInviteAlready', chat: { _: 'chatEmpty', id: CHAT } })).toMatchObject({ chat: { _: 'chat', title: 'Garden' } });
  expect(await dress({ _: 'chatInvite', title: 'Garden', participants: [{ _: 'userEmpty', id: OTHER }] })).toMatchObject({ participants: [{ _: 'user', id: OTHER }] });
  expect(await dress({ _: 'chatInvite', title: 'Garden' })).toEqual({ _: 'chatInvite', title: 'Garden' });
});

test('a shared folder shows a channel that the viewer may join as it says, by his own hash', async () => {
  hidden.add(CHANNEL);
  const list = (chats: object[]) => ({ _: 'chatlists.chatlistInvite', title: { _: 'textWithEntities', text: 'Sea', entities: [] }, peers: [{ _: 'peerChannel', channel_id: CHANNEL }, { _: 'peerChannel', channel_id: ABROAD }], chats, users: [] });
  const invited = (id: number) => ({ _: 'channel', id, title: 'as told', access_hash: 0n, left: true, photo: { _: 'chatPhotoEmpty' }, date: 1 });
  const hash = accessHash(new Uint8Array(32), VIEWER, 'channel', CHANNEL);
  expect((await dress(list([invited(CHANNEL), invited(ABROAD)]))).chats).toMatchObject([{ _: 'channel', id: CHANNEL, title: 'as told', access_hash: hash }, { _: 'channel', id: ABROAD, title: 'Island' }]);
  // Elsewhere, and where nobody invites, it stays closed.
  expect((await dress(list([]))).chats).toMatchObject([{ _: 'channelForbidden', id: CHANNEL }, { _: 'channel' }]);
  expect((await dress(updates(post(CHANNEL)))).chats).toMatchObject([{ _: 'channelForbidden', id: CHANNEL, access_hash: hash }]);
});

test('a failure is the caller’s to tell, and the next one asks again', async () => {
  held = Promise.reject(new Error('away'));
  await expect(dress(history(CHAT))).rejects.toThrow('away');
  held = Promise.resolve();
  expect(titlesOf(await dress(history(CHAT)))).toEqual(['Garden']);
});

const post = (channel: number) => ({ _: 'updateNewChannelMessage', message: { _: 'message', id: 1, peer_id: { _: 'peerChannel', channel_id: channel }, date: 1, message: '', post: true }, pts: 1, pts_count: 1 });

test('channels are asked of their data centers and remembered; one that does not exist is left out', async () => {
  const dressed = await dress(updates(post(CHANNEL), post(ABROAD), post(NOWHERE), post(CHANNEL + 32_000), text(CHAT)));
  expect(titlesOf(dressed).sort()).toEqual(['Garden', 'Harbour', 'Island']);
  expect(askedChannels.map(({ dc }) => dc).sort()).toEqual([2, 2, 3]);
  const again = updates(post(ABROAD), post(CHANNEL));
  expect(dresser.dress(VIEWER, again)).toBeUndefined();
  expect(titlesOf(again)).toEqual(['Island', 'Harbour']);
});

test.each([
  ['an update to the viewer', () => dress(updates({ _: 'updateChannel', channel_id: CHANNEL }))],
  ['a notice', () => dress(updates({ _: 'updateNewChannelMessage', message: { _: 'messageService', id: 1, peer_id: { _: 'peerChannel', channel_id: CHANNEL }, date: 1, action: { _: 'messageActionChatEditTitle', title: '' } }, pts: 1, pts_count: 1 }))],
  ['word that it changed for all', async () => dresser.invalidateChannel(channelBox(CHANNEL))],
])('after %s a channel is seen as it is now', async (_name, tell) => {
  await dress(updates(post(CHANNEL), post(ABROAD)));
  titles.set(CHANNEL, 'Pier');
  await tell();
  expect(titlesOf(await dress(updates(post(CHANNEL), post(ABROAD)))).sort()).toEqual(['Island', 'Pier']);
  expect(askedChannels.filter(({ dc }) => dc === 3)).toHaveLength(1);
});

test('an answer that was on its way when a channel changed for all is not remembered', async () => {
  hold();
  const first = dress(updates(post(CHANNEL)));
  titles.set(CHANNEL, 'Pier');
  dresser.invalidateChannel(channelBox(CHANNEL));
  release?.();
  await first;
  expect(titlesOf(await dress(updates(post(CHANNEL))))).toEqual(['Pier']);
});

test('channels of a data center that can not be reached are as they were seen last', async () => {
  await dress(updates(post(ABROAD)));
  await clock.advance(DRESSED_CHAT_TTL_MS);
  unreachable.add(3);
  expect(titlesOf(await dress(updates(post(ABROAD), post(CHANNEL)))).sort()).toEqual(['Harbour', 'Island']);
  await expect(dress(updates(post(ABROAD + 32)))).rejects.toThrow('cut off');
});

test('a channel that nothing else mentions is named by an empty entry', async () => {
  expect(await dress({ _: 'messages.chats', chats: [{ _: 'channelForbidden', id: CHANNEL, access_hash: 0n, title: '' }] as TypeChat[] })).toMatchObject({ chats: [{ _: 'channel', id: CHANNEL, title: 'Harbour', left: true }] });
});
