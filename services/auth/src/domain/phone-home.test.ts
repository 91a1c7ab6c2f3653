import { BlockList } from 'node:net';
import { networkHome, phoneHome, testPhoneDigit, type HomeNetwork } from './phone-home';

const homes = { dcIds: [1, 2, 3], testPhones: true, homePrefixes: new Map([['4', 1], ['49', 3], ['1', 1]]) };

test.each([
  ['9996611234', 1],
  ['9996621234', 2],
  ['9996691234', undefined],
  ['491512345678', 3],
  ['441512345678', 1],
  ['79161234567', undefined],
])('%s has its home in DC %s', (phone, dc) => expect(phoneHome(phone, homes)).toBe(dc));

test('a single data center homes every number', () => expect(phoneHome('9996611234', { ...homes, dcIds: [2], homePrefixes: new Map() })).toBeUndefined());
test('test numbers are ordinary ones when they are off', () => expect(phoneHome('9996611234', { ...homes, testPhones: false })).toBeUndefined());
test.each([['9996621234', 2], ['99966212345', undefined], ['999662123', undefined], ['4996621234', undefined]])('%s → test digit %s', (phone, digit) => expect(testPhoneDigit(phone)).toBe(digit));

describe('networkHome', () => {
  const network = (dc: number, address: string, bits: number): HomeNetwork => {
    const addresses = new BlockList();
    addresses.addSubnet(address, bits, address.includes(':') ? 'ipv6' : 'ipv4');
    return { dc, addresses };
  };
  const networks = [network(3, '198.51.100.0', 25), network(1, '198.51.100.0', 24), network(2, '2001:db8::', 32)];
  test.each([['198.51.100.7', 3], ['198.51.100.200', 1], ['203.0.113.1', undefined], ['2001:db8::1', 2], ['2001:db9::1', undefined], ['', undefined], ['nowhere', undefined]])('%s belongs to DC %s', (ip, dc) => {
    expect(networkHome(ip, networks)).toBe(dc);
  });
});
