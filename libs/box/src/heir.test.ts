import { create } from '@bufbuild/protobuf';
import { ChannelAdminSchema, MemberRecordSchema, type ChannelAdmin } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { ADMIN, ADMIN_ALL } from './group-rights';
import { channelHeir, groupHeir } from './heir';

const admin = (user: number, rights: number, date = 10): ChannelAdmin => create(ChannelAdminSchema, { user: BigInt(user), rights, date });
const CREATOR = admin(1, ADMIN_ALL, 1);

describe('the heir of a channel', () => {
  it.each<[string, boolean, ChannelAdmin[], number]>([
    ['nobody, where there is no admin', false, [], 0],
    ['who may name admins', false, [admin(2, ADMIN.ban_users | ADMIN.pin_messages | ADMIN.change_info), admin(3, ADMIN.add_admins)], 3],
    ['who may more', false, [admin(2, ADMIN.ban_users), admin(3, ADMIN.ban_users | ADMIN.pin_messages)], 3],
    ['who was it first', false, [admin(2, ADMIN.ban_users, 20), admin(3, ADMIN.pin_messages, 15)], 3],
    ['the lower id', false, [admin(4, ADMIN.ban_users), admin(3, ADMIN.pin_messages)], 3],
    ['in a broadcast who may post alone', true, [admin(2, ADMIN.add_admins | ADMIN.change_info), admin(3, ADMIN.post_messages)], 3],
    ['in a broadcast nobody who may not post', true, [admin(2, ADMIN.add_admins)], 0],
  ])('is %s', (_, broadcast, admins, heir) => {
    expect(channelHeir({ creator: 1n, broadcast, admins: [CREATOR, ...admins] })).toBe(heir);
    expect(channelHeir({ creator: 1n, broadcast, admins: [...admins].reverse() })).toBe(heir);
  });
});

test('the heir of a basic group is its oldest admin, else its oldest member', () => {
  const member = (user: number, date: number, more: object = {}) => [user, create(MemberRecordSchema, { date, ...more })] as const;
  const gone = [member(2, 1, { left: true, admin: true }), member(3, 1, { kicked: true }), [4, undefined] as const];
  expect(groupHeir(1, [member(1, 1), ...gone])).toBe(0);
  expect(groupHeir(1, [member(1, 1), member(5, 9), member(6, 8), ...gone])).toBe(6);
  expect(groupHeir(1, [member(1, 1), member(5, 9, { admin: true }), member(6, 8), member(7, 9, { admin: true }), ...gone])).toBe(5);
});
