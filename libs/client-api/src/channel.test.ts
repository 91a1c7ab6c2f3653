import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { channelBox } from '@heliograph/box/box-id';
import { ADMIN, BANNED } from '@heliograph/box/group-rights';
import { ChannelMemberSchema, ChannelRecordSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readObject } from '@heliograph/tl/reader';
import { writeObject } from '@heliograph/tl/writer';
import { channelFromState, minChannel } from './channel';

const VIEWER = 34_000_002;
const OTHER = 34_000_034;
const ID = 1_000_000_002;
const NOW = 1_800_000_000;

type Record = MessageInitShape<typeof ChannelRecordSchema>;
type Member = MessageInitShape<typeof ChannelMemberSchema>;
const seen = (record: Record, member?: Member) => channelFromState({
  channel: BigInt(channelBox(ID)), title: 'Harbour', record: create(ChannelRecordSchema, { creator: BigInt(OTHER), date: 9, memberCount: 3, ...record }), member: member && create(ChannelMemberSchema, { user: BigInt(VIEWER), ...member }),
}, VIEWER, 77n, NOW);

const MEMBER = { present: true, date: 20 };
const REST = { creator: true, left: true, admin_rights: expect.anything() as unknown, banned_rights: expect.anything() as unknown };
const without = (...names: (keyof typeof REST)[]): object => Object.fromEntries(Object.entries(REST).filter(([name]) => !names.includes(name as keyof typeof REST)));

test.each<[string, Record, Member | undefined, object, object]>([
  ['a member', {}, MEMBER, { _: 'channel', id: ID, access_hash: 77n, title: 'Harbour', megagroup: true, date: 20, participants_count: 3, photo: { _: 'chatPhotoEmpty' } }, { ...REST, broadcast: true }],
  ['a subscriber', { broadcast: true, signatures: true }, MEMBER, { broadcast: true, signatures: true }, { ...REST, megagroup: true, default_banned_rights: expect.anything() as unknown }],
  ['its creator', { creator: BigInt(VIEWER), admins: [{ user: BigInt(VIEWER), rights: ADMIN.other }] }, MEMBER, { creator: true, admin_rights: { post_messages: true, add_admins: true, ban_users: true } }, { left: true, admin_rights: { anonymous: true } }],
  ['its creator who left', { creator: BigInt(VIEWER) }, { present: false }, { _: 'channel', creator: true, left: true }, without('creator', 'left')],
  ['an admin', { admins: [{ user: BigInt(VIEWER), rights: ADMIN.pin_messages }] }, MEMBER, { admin_rights: { _: 'chatAdminRights', pin_messages: true } }, without('admin_rights')],
  ['one under restrictions', { defaultBanned: BANNED.send_polls }, { ...MEMBER, banned: BANNED.send_media, untilDate: NOW + 60 }, { banned_rights: { send_media: true, until_date: NOW + 60 }, default_banned_rights: { send_polls: true, until_date: 0x7fffffff } }, without('banned_rights')],
  ['one whose restrictions ended', {}, { ...MEMBER, banned: BANNED.send_media, untilDate: NOW }, { _: 'channel' }, REST],
  ['a stranger to a public one', { username: 'harbour' }, undefined, { _: 'channel', left: true, username: 'harbour', date: 9, participants_count: 3 }, without('left')],
  ['a stranger to a private one', {}, undefined, { _: 'channelForbidden', id: ID, access_hash: 77n, title: 'Harbour', megagroup: true }, { participants_count: 3 }],
  ['a stranger to one that discusses a broadcast', { linked: 5n }, undefined, { _: 'channel', left: true, has_link: true }, { participants_count: 3 }],
  ['a stranger to a private broadcast that is discussed', { linked: 5n, broadcast: true }, undefined, { _: 'channelForbidden', broadcast: true }, {}],
  ['who left a private one', {}, { present: false }, { _: 'channel', left: true, title: 'Harbour' }, { participants_count: 3 }],
  ['who was banned for a while', { username: 'harbour', broadcast: true }, { banned: BANNED.view_messages, untilDate: NOW + 60 }, { _: 'channelForbidden', broadcast: true, until_date: NOW + 60 }, { megagroup: true }],
  ['who was banned until now', { username: 'harbour' }, { banned: BANNED.view_messages, untilDate: NOW }, { _: 'channel', left: true }, without('left')],
  ['a member of one that ended', { destroyed: true }, MEMBER, { _: 'channelForbidden', title: 'Harbour' }, {}],
  ['a member of one with settings', { slowmode: 10, noforwards: true, joinToSend: true, joinRequest: true, linked: 5n, signatureProfiles: true }, MEMBER, { slowmode_enabled: true, noforwards: true, join_to_send: true, join_request: true, has_link: true, signature_profiles: true }, {}],
])('as %s sees it', (_name, record, member, expected, absent) => {
  const chat = seen(record, member);
  expect(chat).toMatchObject(expected);
  for (const [name, value] of Object.entries(absent)) expect(chat).not.toMatchObject({ [name]: value as unknown });
  expect(readObject(writeObject(chat as NonNullable<typeof chat>, 'newest'), 'Chat')).toMatchObject(expected);
});

test('where there is none nothing is seen', () => {
  expect(channelFromState({ channel: BigInt(channelBox(ID)), title: '', record: undefined, member: undefined }, VIEWER, 1n, NOW)).toBeUndefined();
});

test('everybody sees what is no matter of who looks', () => {
  const state = { channel: BigInt(channelBox(ID)), title: 'Harbour', record: create(ChannelRecordSchema, { creator: BigInt(VIEWER), date: 9, memberCount: 3, broadcast: true, username: 'harbour' }) };
  expect(minChannel(state)).toEqual({ _: 'channel', min: true, id: ID, title: 'Harbour', photo: { _: 'chatPhotoEmpty' }, date: 9, broadcast: true, username: 'harbour' });
  // Whatever a client takes from it that its full form says.
  const group = create(ChannelRecordSchema, { date: 9, defaultBanned: BANNED.send_polls, slowmode: 10, joinToSend: true, joinRequest: true, linked: 5n });
  expect(minChannel({ ...state, record: group })).toEqual({
    _: 'channel', min: true, id: ID, title: 'Harbour', photo: { _: 'chatPhotoEmpty' }, date: 9, megagroup: true, slowmode_enabled: true, join_to_send: true, join_request: true, has_link: true,
    default_banned_rights: { _: 'chatBannedRights', send_polls: true, until_date: 0x7fffffff },
  });
  expect(minChannel({ ...state, record: create(ChannelRecordSchema, { destroyed: true }) })).toEqual({ _: 'channelForbidden', megagroup: true, id: ID, access_hash: 0n, title: 'Harbour' });
});
