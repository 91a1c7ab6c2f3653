import { gate, type GateFacts } from './method-gate';

const user: GateFacts = { method: 'messages.getDialogs', unbound: false, loggedIn: true, revoked: false, bot: false, loginFree: false, userOnly: false, botOnly: false, owned: true, homeElsewhere: 0 };

test.each([
  ['an ordinary call', {}, undefined],
  ['no login', { loggedIn: false }, '401 AUTH_KEY_UNREGISTERED'],
  ['a login that another session ended', { loggedIn: false, revoked: true }, '401 SESSION_REVOKED'],
  ['a login that another session ended, and none needed', { loggedIn: false, revoked: true, loginFree: true, method: 'help.getConfig' }, undefined],
  ['no login, and none needed', { loggedIn: false, loginFree: true, method: 'help.getConfig' }, undefined],
  ['no login, method that nobody owns', { loggedIn: false, owned: false }, '401 AUTH_KEY_UNREGISTERED'],
  ['a method that nobody owns', { owned: false }, '400 NOT_IMPLEMENTED'],
  ['an unbound key', { unbound: true, loggedIn: false, loginFree: true, method: 'auth.sendCode' }, '401 AUTH_KEY_PERM_EMPTY'],
  ['an unbound key that binds itself', { unbound: true, loggedIn: false, loginFree: true, method: 'auth.bindTempAuthKey' }, undefined],
  ['an unbound key that asks for the config', { unbound: true, loggedIn: false, loginFree: true, method: 'help.getConfig' }, undefined],
  ['a bot that calls a method of users', { bot: true, userOnly: true }, '400 BOT_METHOD_INVALID'],
  ['a user that calls a method of users', { userOnly: true }, undefined],
  ['a user that calls a method of bots', { botOnly: true }, '400 USER_BOT_REQUIRED'],
  ['a user of another DC', { homeElsewhere: 1 }, '303 USER_MIGRATE_1'],
  ['a user of another DC who exports the login', { homeElsewhere: 1, method: 'auth.exportAuthorization' }, undefined],
  ['a user on the way to another DC', { homeElsewhere: 255 }, '420 FLOOD_WAIT_5'],
  ['a user of another DC who fetches a file', { homeElsewhere: 1, method: 'upload.getFile' }, undefined],
  ['a user of another DC who asks who they are', { homeElsewhere: 1, method: 'users.getUsers' }, undefined],
  ['a user of another DC who logs out', { homeElsewhere: 1, method: 'auth.logOut' }, undefined],
  ['a user of another DC who logs in', { homeElsewhere: 1, method: 'auth.sendCode', loginFree: true }, undefined],
  ['a bot that calls a method of bots', { bot: true, botOnly: true }, undefined],
] as [string, Partial<GateFacts>, string | undefined][])('%s', (_, change, expected) => {
  const refusal = gate({ ...user, ...change });
  expect(refusal && `${refusal.code} ${refusal.type}`).toBe(expected);
});
