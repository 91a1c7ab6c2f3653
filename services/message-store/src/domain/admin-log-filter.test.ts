import { create } from '@bufbuild/protobuf';
import { BANNED } from '@heliograph/box/group-rights';
import { AdminEventKind as Kind, AdminEventSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { kindsOf, passes } from './admin-log-filter';

const filter = (names: object) => ({ _: 'channelAdminLogEventsFilter' as const, ...names });
const ban = (before: number, after: number) => create(AdminEventSchema, { kind: Kind.BAN, memberBefore: { banned: before }, memberAfter: { banned: after } });
const admin = (after: number) => create(AdminEventSchema, { kind: Kind.ADMIN, adminBefore: { rights: 1 }, adminAfter: { rights: after } });
const KICKED = BANNED.view_messages;
const MUTED = BANNED.send_messages;

test('filters name kinds', () => {
  expect(kindsOf(filter({}))).toEqual([]);
  expect(kindsOf(filter({ kick: true, ban: true, group_call: true }))).toEqual([Kind.BAN]);
  expect(kindsOf(filter({ info: true }))).toContain(Kind.TITLE);
});

test.each([
  ['kick', ban(0, KICKED)], ['kick', ban(MUTED, KICKED | MUTED)], ['ban', ban(0, MUTED)], ['ban', ban(KICKED, MUTED)], ['unkick', ban(KICKED, 0)], ['unban', ban(MUTED, 0)], ['promote', admin(3)], ['demote', admin(0)],
])('%s lets it through, and it alone', (name, event) => {
  for (const each of ['kick', 'ban', 'unkick', 'unban', 'promote', 'demote']) expect(passes(filter({ [each]: true }), event)).toBe(each === name);
});
