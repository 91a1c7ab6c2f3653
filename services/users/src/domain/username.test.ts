import { phoneDigits } from './phone-digits';
import { isUsername } from './username';

describe('isUsername', () => {
  it.each(['alice', 'Al_ice9', 'a2345', 'a'.repeat(32)])('takes %s', (name) => expect(isUsername(name)).toBe(true));
  it.each(['', 'four', '1alice', '_alice', 'alice_', 'al__ice', 'al ice', 'älice', 'a'.repeat(33), 'Support', 'alice\n'])('refuses %j', (name) => expect(isUsername(name)).toBe(false));
});

describe('phoneDigits', () => {
  it.each([['+49 170 1234567', '491701234567'], ['(212) 555-0100', '2125550100']])('reads %s', (written, digits) => expect(phoneDigits(written)).toBe(digits));
  it.each(['', '12', '+49 call me', '1'.repeat(16)])('refuses %j', (written) => expect(phoneDigits(written)).toBeUndefined());
});
