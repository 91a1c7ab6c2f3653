import { parseScope, secretHome } from './scope';

const place = { dc: 2, dcs: [1, 2, 3] };
const user = (n: number, dc: number): number => n * 32 + dc;
const LOW = 2 ** 20;

test.each([
  ['auth-keys', { kind: 'auth-keys', home: 2, copies: [] }],
  ['directory', { kind: 'directory', home: 1, copies: [2, 3] }],
  [`user:${user(LOW, 2)}`, { kind: 'user', home: 2, copies: [] }],
  [`user:${user(LOW, 3)}`, { kind: 'user', home: 3, copies: [] }],
  [`dialog:${user(LOW, 1)}:${user(LOW, 2)}`, { kind: 'dialog', home: 1, copies: [2] }],
  [`dialog:${user(LOW, 2)}:${user(LOW + 1, 1)}`, { kind: 'dialog', home: 2, copies: [1] }],
  [`dialog:${user(LOW, 2)}:${user(LOW, 2)}`, { kind: 'dialog', home: 2, copies: [] }],
  [`dialog:${user(LOW, 1)}:${user(LOW, 2)}:1`, { kind: 'dialog', home: 1, copies: [2] }],
  [`dialog:${user(LOW, 1)}:${user(LOW, 2)}:2`, { kind: 'dialog', home: 2, copies: [1] }],
  [`dialog:777000:${user(LOW, 2)}`, { kind: 'dialog', home: 2, copies: [] }],
  [`group:${user(LOW, 3)}:1`, { kind: 'group', home: 1, copies: [2, 3], through: 3 }],
  [`group:${user(LOW, 2)}:2`, { kind: 'group', home: 2, copies: [1, 3], through: 2 }],
  [`channel:${user(2 ** 26, 3)}:1`, { kind: 'channel', home: 1, copies: [2, 3], through: 3 }],
  ['user:777000', { kind: 'user', home: 2, copies: [] }],
])('%s', (scope, expected) => expect(parseScope(scope, place)).toEqual(expected));

const moved = { ...place, homes: new Map([[user(LOW, 2), [1]], [user(LOW + 1, 2), [2, 3]]]) };
test.each([
  ['lives elsewhere', `user:${user(LOW, 2)}`, { kind: 'user', home: 1, copies: [] }],
  ['is on the way', `user:${user(LOW + 1, 2)}`, { kind: 'user', home: 2, copies: [3] }],
  ['writes from there', `dialog:${user(LOW, 2)}:${user(LOW + 2, 2)}:1`, { kind: 'dialog', home: 1, copies: [2] }],
  ['was written to before', `dialog:${user(LOW, 2)}:${user(LOW + 2, 2)}`, { kind: 'dialog', home: 2, copies: [1] }],
  ['was written to from where nobody lives any more', `dialog:${user(LOW, 2)}:${user(LOW + 2, 2)}:3`, { kind: 'dialog', home: 3, copies: [1, 2] }],
])('of somebody who %s', (_what, scope, expected) => expect(parseScope(scope, moved)).toEqual(expected));

test.each(['', 'dialog', 'dialog:5', 'dialog:6:5', 'dialog:5:6:7', 'dialog:5:6:05', 'dialog:5:6:5:6', 'user:5::5', 'user:', 'user:05', 'user:-1', 'user:1.5', 'user:2000000000000', 'group:5', 'group:5:', 'group:5:0', 'group:5:01', 'group:5:1:1', 'group:0:1', 'group:-5:1', 'group:x:1', 'channel:5', 'channel:5:0', 'channel:0:1', 'channel:5:1:1', 'user:x', 'chat:5', 'auth-keys:1', 'dialog:a:b'])('%p is no scope', (scope) => {
  expect(parseScope(scope, place)).toBeUndefined();
});

test.each([['access-hash', 2], ['salts', 2], ['directory-phones', 1], ['directory', 1], ['phone-index', 1], ['directoryx', 2]])('the secret %s comes from DC %i', (purpose, dc) => {
  expect(secretHome(purpose, place)).toBe(dc);
});
