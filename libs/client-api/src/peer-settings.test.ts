import { peerSettingsOf } from './peer-settings';

const STRANGER = { contact: false, blocked: false, hidden: false };

test.each([
  ['a stranger', {}, true, true], ['a contact', { contact: true }, undefined, undefined], ['somebody blocked', { blocked: true }, true, undefined], ['a bot', { bot: true }, undefined, true],
  ['somebody of whom no bar is wanted', { hidden: true }, undefined, undefined],
])('what is offered of %s', (_, facts, add_contact, block_contact) => {
  expect(peerSettingsOf({ ...STRANGER, ...facts })).toEqual({ _: 'peerSettings', add_contact, block_contact });
});
