import { phoneHome, testPhoneDigit } from './phone-home';

const homes = { dc: 2, dcIds: [1, 2, 3], testPhones: true, phonePrefixes: new Map([['4', 1], ['49', 3], ['1', 1]]) };

test.each([
  ['9996611234', 1],
  ['9996621234', 2],
  ['9996691234', 2],
  ['491512345678', 3],
  ['441512345678', 1],
  ['79161234567', 2],
])('%s has its home in DC %d', (phone, dc) => expect(phoneHome(phone, homes)).toBe(dc));

test('a single data center homes every number', () => expect(phoneHome('9996611234', { ...homes, dcIds: [2] })).toBe(2));
test('test numbers are ordinary ones when they are off', () => expect(phoneHome('9996611234', { ...homes, testPhones: false })).toBe(2));
test.each([['9996621234', 2], ['99966212345', undefined], ['999662123', undefined], ['4996621234', undefined]])('%s → test digit %s', (phone, digit) => expect(testPhoneDigit(phone)).toBe(digit));
