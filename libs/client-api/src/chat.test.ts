import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { ChatViewSchema } from '@heliograph/protos/heliograph/messagestore/v1/group_box_pb';
import { readObject } from '@heliograph/tl/reader';
import { writeObject } from '@heliograph/tl/writer';
import { chatFromView } from './chat';

const VIEWER = 34_000_002;
const OTHER = 34_000_034;
const CHAT = 1_048_610;
const hash = (channel: number): bigint => BigInt(channel) * 3n;

type View = NonNullable<MessageInitShape<typeof ChatViewSchema>['view']>;
const seen = (view: Partial<View>) => chatFromView(create(ChatViewSchema, { id: BigInt(CHAT), title: 'Garden', view: { memberCount: 3, date: 9, version: 4, creator: BigInt(OTHER), ...view } as View }), VIEWER, hash);

test.each<[string, Partial<View>, object, object]>([
  ['a member', {}, { _: 'chat', id: CHAT, title: 'Garden', participants_count: 3, date: 9, version: 4, photo: { _: 'chatPhotoEmpty' } }, { creator: true, left: true, admin_rights: expect.anything() as unknown }],
  ['its creator', { creator: BigInt(VIEWER) }, { creator: true, admin_rights: { add_admins: true, ban_users: true } }, {}],
  ['an admin', { admin: true }, { admin_rights: { ban_users: true } }, { creator: true, admin_rights: { add_admins: true } }],
  ['who left', { left: true }, { _: 'chat', left: true }, {}],
  ['a creator who left', { left: true, creator: BigInt(VIEWER) }, { creator: true, left: true }, { admin_rights: expect.anything() as unknown }],
  ['who was removed', { kicked: true }, { _: 'chatForbidden', title: 'Garden' }, { participants_count: 3 }],
  ['members under default rights', { defaultBanned: 2 }, { default_banned_rights: { send_messages: true, until_date: 0x7fffffff } }, {}],
  ['members of a closed one', { noforwards: true, deactivated: true, migratedTo: 77n }, { noforwards: true, deactivated: true, migrated_to: { _: 'inputChannel', channel_id: 77, access_hash: 231n } }, {}],
])('as %s sees it', (_name, view, expected, absent) => {
  const chat = seen(view);
  expect(chat).toMatchObject(expected);
  if (Object.keys(absent).length > 0) expect(chat).not.toMatchObject(absent);
  expect(readObject(writeObject(chat, 'newest'), 'Chat')).toMatchObject(expected);
});

test('a group that the viewer has never been in is empty', () => {
  expect(chatFromView(create(ChatViewSchema, { id: BigInt(CHAT), unknown: true }), VIEWER, hash)).toEqual({ _: 'chatEmpty', id: CHAT });
});
