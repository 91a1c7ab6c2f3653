import { Status_Kind } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { statusOf, viewOf, type ViewFacts } from './user-view';

const facts = (change: Partial<ViewFacts>): ViewFacts => ({
  userId: 64, viewerId: 96, profile: { first_name: 'Ann', last_name: 'Lee', phone: '4915', lang_code: 'en' }, username: 'ann', bot: false, deleted: false,
  status: { kind: Status_Kind.ONLINE, time: 9 }, saved: undefined, viewerIsContact: false, viewerIsBlocked: false, ...change,
});
const saved = { first_name: 'Annie', last_name: '', phone: '4915' };

describe('viewOf', () => {
  it.each([
    ['a stranger', facts({}), { firstName: 'Ann', phone: '', contact: false, langCode: '' }],
    ['oneself', facts({ viewerId: 64 }), { self: true, firstName: 'Ann', phone: '4915', langCode: 'en' }],
    ['who is in their contacts', facts({ viewerIsContact: true }), { phone: '4915', contact: false, mutualContact: false }],
    ['who saved the number', facts({ saved }), { firstName: 'Annie', lastName: '', phone: '4915', contact: true, mutualContact: false }],
    ['who saved them by username', facts({ saved: { ...saved, phone: '' } }), { firstName: 'Annie', phone: '', contact: true }],
    ['who saved an older number', facts({ saved: { ...saved, phone: '4900' } }), { phone: '' }],
    ['a mutual contact', facts({ saved, viewerIsContact: true }), { mutualContact: true, phone: '4915' }],
    ['who saved no name', facts({ saved: { ...saved, first_name: '' } }), { firstName: 'Ann', lastName: 'Lee' }],
    ['who has them as a close friend', facts({ saved: { ...saved, close_friend: true } }), { closeFriend: true, contact: true }],
    ['whom they block', facts({ viewerIsBlocked: true, viewerIsContact: true, saved }), { firstName: 'Annie', phone: '', status: { kind: Status_Kind.UNSPECIFIED } }],
  ])('as seen by %s', (_, given, expected) => expect(viewOf(given)).toMatchObject(expected));

  it('tells nothing of a deleted account but that it is one', () => {
    expect(viewOf(facts({ deleted: true, saved }))).toEqual({ id: 64n, self: false, deleted: true, contact: true, mutualContact: false });
  });
});

describe('statusOf', () => {
  it.each([
    ['never seen', { onlineUntil: 0, lastSeenAt: 0, date: 100 }, { kind: Status_Kind.UNSPECIFIED }],
    ['online', { onlineUntil: 110, lastSeenAt: 110, date: 100 }, { kind: Status_Kind.ONLINE, time: 110 }],
    ['offline', { onlineUntil: 0, lastSeenAt: 90, date: 100 }, { kind: Status_Kind.OFFLINE, time: 90 }],
    ['online until a moment ago', { onlineUntil: 100, lastSeenAt: 90, date: 100 }, { kind: Status_Kind.OFFLINE, time: 100 }],
    ['online when the ephemeral store was lost', { onlineUntil: 0, lastSeenAt: 130, date: 100 }, { kind: Status_Kind.OFFLINE, time: 100 }],
  ])('%s', (_, given, expected) => expect(statusOf(given)).toEqual(expected));
});
