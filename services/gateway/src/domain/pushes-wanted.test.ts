import { type PushFacts, pushWish } from './pushes-wanted';

const facts = (change: Partial<PushFacts>): PushFacts => ({ loggedIn: true, withoutUpdates: false, method: 'messages.getDialogs', loginFree: false, otherListens: false, ...change });

test.each([
  ['asks for the state', { method: 'updates.getState' }, 'yes'],
  ['calls something ordinary', {}, 'yes'],
  ['calls something ordinary beside another session', { otherListens: true }, 'yes'],
  ['is not logged in', { loggedIn: false }, 'unchanged'],
  ['says that it wants none', { withoutUpdates: true, method: 'updates.getState' }, 'no'],
  ['uploads', { method: 'upload.saveFilePart' }, 'unchanged'],
  ['binds a temporary key', { method: 'auth.bindTempAuthKey', loginFree: true }, 'unchanged'],
  ['comes back with help.getConfig alone', { method: 'help.getConfig', loginFree: true }, 'yes'],
  ['asks for help.getConfig beside a listening session', { method: 'help.getConfig', loginFree: true, otherListens: true }, 'unchanged'],
] as [string, Partial<PushFacts>, string][])('a session that %s', (_, change, wish) => {
  expect(pushWish(facts(change))).toBe(wish);
});
