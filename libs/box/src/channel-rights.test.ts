import { create } from '@bufbuild/protobuf';
import { ChannelMemberSchema, ChannelRecordSchema, type ChannelMember, type ChannelRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { adminRights, bannedNow, isKicked, mayEditAdmin, mayRead, postRefusal, visibleAbove } from './channel-rights';
import { ADMIN, BANNED } from './group-rights';
import { MediaClass } from './media-class';

const [CREATOR, ADAM, EVE, USER] = [34_000_002, 34_000_034, 34_000_066, 34_000_098];
const NOW = 1_800_000_000;

type Record = Partial<ChannelRecord>;
type Member = Partial<ChannelMember>;
const channel = (changes: Record = {}): ChannelRecord => ({ ...create(ChannelRecordSchema, {
  creator: BigInt(CREATOR), admins: [{ user: BigInt(CREATOR), rights: ADMIN.anonymous }, { user: BigInt(ADAM), rights: ADMIN.post_messages, promotedBy: BigInt(CREATOR) }, { user: BigInt(EVE), rights: ADMIN.pin_messages, promotedBy: BigInt(ADAM) }],
}), ...changes });
const member = (changes: Member = {}): ChannelMember => ({ ...create(ChannelMemberSchema, { present: true }), ...changes });

test('the creator has every right, and is unnamed only as he wishes; others have theirs', () => {
  expect(adminRights(channel(), CREATOR) & ADMIN.add_admins).not.toBe(0);
  expect(adminRights(channel(), CREATOR) & ADMIN.anonymous).not.toBe(0);
  expect(adminRights({ creator: BigInt(CREATOR), admins: [] }, CREATOR) & ADMIN.anonymous).toBe(0);
  expect([adminRights(channel(), ADAM), adminRights(channel(), USER)]).toEqual([ADMIN.post_messages, 0]);
});

test.each<[string, Member, number]>([
  ['for ever', { banned: 5, untilDate: 0 }, 5],
  ['until later', { banned: 5, untilDate: NOW + 1 }, 5],
  ['until now', { banned: 5, untilDate: NOW }, 0],
])('restrictions %s', (_name, changes, banned) => expect(bannedNow(member(changes), NOW)).toBe(banned));

test.each<[string, Record, Member | undefined, boolean]>([
  ['a member', {}, {}, true],
  ['a stranger', {}, undefined, false],
  ['who left', {}, { present: false }, false],
  ['a stranger, of a public one', { username: 'harbour' }, undefined, true],
  ['who was banned from a public one', { username: 'harbour' }, { present: false, banned: BANNED.view_messages }, false],
  ['whose ban has ended, of a public one', { username: 'harbour' }, { present: false, banned: BANNED.view_messages, untilDate: NOW }, true],
  ['a member of one that ended', { destroyed: true }, {}, false],
  ['who is restricted', {}, { banned: BANNED.send_messages }, true],
])('%s may read: %#', (_name, record, of, may) => {
  expect(mayRead(channel(record), of && member(of), NOW)).toBe(may);
});

test('a hidden history is seen from where a member came in, as long as it is hidden', () => {
  expect(visibleAbove(channel({ hiddenPrehistory: true }), member({ sinceId: 7 }))).toBe(7);
  expect(visibleAbove(channel({ hiddenPrehistory: true }), undefined)).toBe(0);
  expect(visibleAbove(channel(), member({ sinceId: 7 }))).toBe(0);
});

test('the creator edits all admins, others those whom they made, and nobody the creator', () => {
  const may = (user: number, of: number): boolean => mayEditAdmin(channel(), user, of);
  expect([may(CREATOR, EVE), may(ADAM, EVE), may(EVE, ADAM), may(ADAM, CREATOR), may(USER, EVE), may(ADAM, USER)]).toEqual([true, true, false, false, false, false]);
});

test.each<[string, number, Record, Member | undefined, number, string | undefined]>([
  ['a member', USER, {}, {}, 0, undefined],
  ['an admin under default restrictions', EVE, { defaultBanned: BANNED.send_messages }, {}, MediaClass.photo, undefined],
  ['a member under default restrictions', USER, { defaultBanned: BANNED.send_messages }, {}, 0, 'CHAT_WRITE_FORBIDDEN'],
  ['a member who may not write', USER, {}, { banned: BANNED.send_messages }, 0, 'USER_BANNED_IN_CHANNEL'],
  ['a member who might not write until now', USER, {}, { banned: BANNED.send_messages, untilDate: NOW }, 0, undefined],
  ['a member without plain texts', USER, { defaultBanned: BANNED.send_plain }, {}, 0, 'CHAT_SEND_PLAIN_FORBIDDEN'],
  ['a member without media', USER, {}, { banned: BANNED.send_media }, MediaClass.photo, 'CHAT_SEND_MEDIA_FORBIDDEN'],
  ['a member without photos', USER, {}, { banned: BANNED.send_photos }, MediaClass.photo, 'CHAT_SEND_PHOTOS_FORBIDDEN'],
  ['a member without photos, a video', USER, {}, { banned: BANNED.send_photos }, MediaClass.video, undefined],
  ['a stranger to a private one', USER, {}, undefined, 0, 'CHANNEL_PRIVATE'],
  ['who left a private one', USER, {}, { present: false }, 0, 'CHANNEL_PRIVATE'],
  ['who was banned', USER, { username: 'harbour' }, { present: false, banned: BANNED.view_messages }, 0, 'CHANNEL_PRIVATE'],
  ['a stranger to a public one', USER, { username: 'harbour' }, undefined, 0, 'CHAT_GUEST_SEND_FORBIDDEN'],
  ['a guest who comments', USER, { linked: 5n }, undefined, 0, undefined],
  ['a guest who is restricted', USER, { linked: 5n }, { present: false, banned: BANNED.send_messages }, 0, 'USER_BANNED_IN_CHANNEL'],
  ['a guest where only members may', USER, { linked: 5n, joinToSend: true }, undefined, 0, 'CHAT_GUEST_SEND_FORBIDDEN'],
  ['a subscriber', USER, { broadcast: true }, {}, 0, 'CHAT_ADMIN_REQUIRED'],
  ['an admin who may post', ADAM, { broadcast: true }, {}, 0, undefined],
  ['an admin who may not', EVE, { broadcast: true }, {}, 0, 'CHAT_ADMIN_REQUIRED'],
  ['the creator', CREATOR, { broadcast: true }, {}, MediaClass.photo, undefined],
  ['the creator who left', CREATOR, { broadcast: true, username: 'harbour' }, { present: false }, 0, 'CHAT_ADMIN_REQUIRED'],
  ['the creator of one that ended', CREATOR, { destroyed: true }, {}, 0, 'CHANNEL_PRIVATE'],
])('posts of %s: %#', (_name, user, record, of, media, refusal) => {
  expect(postRefusal(channel(record), of && member(of), user, NOW, media)).toBe(refusal);
});

test('only a ban takes the channel away', () => {
  expect(isKicked(member({ banned: BANNED.send_messages }), NOW)).toBe(false);
  expect(isKicked(undefined, NOW)).toBe(false);
});
