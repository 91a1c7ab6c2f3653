import { findError, isBotOnly, isLoginFree, isUserOnly, listMethodErrors } from './catalogue';

test('errors are found with and without their number', () => {
  expect(findError('PEER_ID_INVALID')).toMatchObject({ code: 400, type: 'PEER_ID_INVALID' });
  expect(findError('FLOOD_WAIT_31')).toMatchObject({ code: 420, type: 'FLOOD_WAIT_%d' });
  expect(findError('PHONE_MIGRATE_2')).toMatchObject({ code: 303 });
  expect(findError('NO_SUCH_THING')).toBeUndefined();
});

test('methods have their errors and gates', () => {
  expect(listMethodErrors('messages.sendMessage')).toContain('MESSAGE_EMPTY');
  expect(listMethodErrors('no.method')).toEqual([]);
  expect([isUserOnly('messages.getHistory'), isUserOnly('messages.sendMessage'), isBotOnly('messages.setInlineBotResults'), isBotOnly('messages.sendMessage')]).toEqual([true, false, true, false]);
  expect([isLoginFree('auth.sendCode'), isLoginFree('langpack.getStrings'), isLoginFree('help.getConfig'), isLoginFree('users.getUsers'), isLoginFree('updates.getState')]).toEqual([true, true, true, false, false]);
});
